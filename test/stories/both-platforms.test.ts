/** One incident, worked from Slack and from Teams at once. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTocsin, type Tocsin } from '../support/app.ts'
import { type Json, startTeamsStandIn, type TeamsMessage } from '../support/teams-stand-in.ts'
import { configuration, ida, incidents } from '../teams/world.ts'
import { voices } from './speak.ts'

const olga = '01a00000-0000-4000-8000-000000000006'
const maya = '3a7a0000-0000-4000-8000-000000000007'

/** Maya speaks to the bot in Teams, Lena in Slack. */
const withPolicy = `${configuration}
policies:
  - name: payments
    when: { team: payments }
    steps:
      - { after: 5m, notify: [{ person: maya@example.com }, { person: lena@example.com }] }
`

let tocsin: Tocsin
let teams: Awaited<ReturnType<typeof startTeamsStandIn>>
const { card, press, ask, words } = voices(() => tocsin)

beforeAll(async () => {
  teams = await startTeamsStandIn()
  for (const [id, name, email] of [
    [ida, 'Ida Torres', 'ida@example.com'],
    [olga, 'Olga Brandt', 'olga@example.com'],
    [maya, 'Maya Okafor', 'maya@example.com'],
  ] as const)
    teams.addUser({ id, name, email })
  tocsin = await startTocsin({ configuration: withPolicy, env: teams.env() })
  teams.connect(tocsin.url)
  // Slack is asked for everybody by their address. Maya speaks after that: she was last seen in Teams.
  await tocsin.slack.waitFor(
    async () =>
      (await tocsin.sql("select 1 from identities where external_id = 'UMAYA' and person_id is not null"))
        .length > 0,
    { what: "Maya's account in Slack", timeoutMs: 15_000 },
  )
  await teams.answerTo(await teams.as(maya).say('whoami'))
  for (const user of ['UIDA', 'ULENA']) await ask(user, 'whoami')
})
afterAll(async () => {
  await tocsin?.stop()
  await teams?.close()
})

const cardsInTeams = (key: string): TeamsMessage[] =>
  teams.messages(incidents).filter((each) => new RegExp(`^\\S+ ${key} `).test(teams.textOf(each)))

/** Every card of the incident, in both places, says this. */
const everywhere = async (key: string, line: string) => {
  const slackCards = () =>
    ['C0INCIDENTS', 'C0PAYMENTS'].flatMap((channel) =>
      tocsin.slack
        .messages(channel)
        .filter((each) => !each.thread_ts && new RegExp(`^\\S+ ${key} `).test(words(each)))
        .map(words),
    )
  const all = () => [...cardsInTeams(key).map(teams.textOf), ...slackCards()]
  await teams.waitFor(() => all().length === 3 && all().every((text) => text.includes(line)), {
    what: `"${line}" on all cards of ${key}`,
    timeoutMs: 15_000,
  })
}

const inTeams = async (user: string, text: string, what: string) => {
  const sent = await teams.as(user).say(text)
  return teams.waitFor(
    () => teams.direct(user).find((each) => each.order > sent.order && teams.textOf(each).includes(what)),
    { what },
  )
}
const done = async (operation: string) =>
  tocsin.sql<{ actor: string }>(
    `select audit.actor from audit join incidents i on i.id = audit.incident_id
     where i.key = 'INC-001' and audit.operation = $1 and audit.outcome = 'done'`,
    [operation],
  )

test('one is declared in Teams, and stands in both', async () => {
  await inTeams(ida, 'declare Checkout is down', 'INC-001 declared by Ida Torres')
  await everywhere('INC-001', 'Status: OPEN   Priority: P3')
})

test('its policy pages one person in Teams and another in Slack', async () => {
  await tocsin.advance('6 minutes')
  const inTeams = await teams.waitFor(
    () => teams.direct(maya).find((each) => teams.textOf(each).includes('INC-001 needs you')),
    { what: "Maya's page", timeoutMs: 10_000 },
  )
  const inSlack = await tocsin.slack.waitFor(
    () => tocsin.slack.direct('ULENA').find((each) => words(each).includes('INC-001 needs you')),
    { what: "Lena's page", timeoutMs: 10_000 },
  )
  expect(teams.buttonsOf(inTeams)).toContain('Acknowledge')
  expect(tocsin.slack.buttonsOf(inSlack)).toContain('Acknowledge')
})

test('it is acknowledged in Slack, and every card and page shows it', async () => {
  const [before] = cardsInTeams('INC-001')
  const shown = structuredClone(before!)
  expect(await press('ULENA', await card('INC-001'), 'Acknowledge')).toContain('acknowledged by Lena Lead')
  await everywhere('INC-001', 'Status: IN_PROGRESS   Priority: P3')
  for (const each of cardsInTeams('INC-001')) expect(teams.buttonsOf(each)).not.toContain('Acknowledge')
  await teams.waitFor(
    () => teams.direct(maya).some((each) => /acknowledged by Lena Lead/i.test(teams.textOf(each))),
    { what: "Maya's page to follow", timeoutMs: 10_000 },
  )
  // The card as Teams still showed it: who presses sees how it stands, and nothing is done twice.
  const late = await teams.as(maya).click(shown, 'Acknowledge')
  expect(teams.textOf(late.body as Json)).toMatch(/acknowledged by Lena Lead/i)
  expect(await done('acknowledge')).toEqual([{ actor: 'Lena Lead' }])
})

test('its priority is changed in Teams, and every card follows', async () => {
  await inTeams(olga, 'priority INC-001 P1', 'INC-001 is P1, set by Olga Brandt')
  await everywhere('INC-001', 'Status: IN_PROGRESS   Priority: P1')
})

test('somebody with the same verified e-mail on both is one person', async () => {
  await inTeams(ida, 'take INC-001', 'INC-001')
  expect(await ask('UIDA', 'take INC-001')).toContain('already')
  const accounts = await tocsin.sql<{ platform: string }>(
    `select w.platform from identities i join workspaces w on w.id = i.workspace_id
     join people p on p.id = i.person_id where p.email = 'ida@example.com' order by 1`,
  )
  expect(accounts.map(({ platform }) => platform)).toEqual(['slack', 'teams'])
  const [people] = await tocsin.sql<{ count: number }>(
    "select count(*)::int from people where name = 'Ida Torres'",
  )
  expect(people!.count).toBe(1)
})

test('it is resolved in Slack, and every card follows', async () => {
  expect(await press('UIDA', await card('INC-001'), 'Resolve')).toContain('INC-001 is RESOLVED')
  await everywhere('INC-001', 'Status: RESOLVED   Priority: P1')
  for (const each of cardsInTeams('INC-001'))
    expect(teams.buttonsOf(each)).toEqual(expect.arrayContaining(['Reopen', 'Timeline']))
})

test('a double acknowledgement by one person from the other app does nothing twice', async () => {
  const declared = await inTeams(ida, 'declare Search is slow', 'INC-002 declared by Ida Torres')
  expect(teams.textOf(declared)).toContain('INC-002')
  await everywhere('INC-002', 'Status: OPEN')
  expect(await press('UIDA', await card('INC-002'), 'Acknowledge')).toContain('acknowledged by Ida Torres')
  const again = await inTeams(ida, 'ack INC-002', 'already')
  expect(teams.textOf(again)).toContain('INC-002 was already acknowledged by Ida Torres')
  await everywhere('INC-002', 'Status: IN_PROGRESS')
})
