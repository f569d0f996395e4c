import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSmtp } from '../carriers/smtp-stand-in.ts'
import { within } from '../durability/world.ts'
import { startTocsin, type Tocsin } from '../support/app.ts'
import type { Fault } from '../support/slack-stand-in.ts'

/** What goes wrong with the first tries to reach a person; afterwards all is well. */
const passing: Record<string, Fault[]> = {
  'a pause of one second': [{ type: 'throttled', retryAfter: 1 }],
  'a pause without a time': [{ type: 'throttled' }],
  'error 500, twice': [
    { type: 'status', status: 500 },
    { type: 'status', status: 500, taken: true },
  ],
  'error 502': [{ type: 'status', status: 502 }],
  'error 503': [{ type: 'status', status: 503 }],
  'error 504 of what was taken': [{ type: 'status', status: 504, taken: true }],
  'broken JSON': [{ type: 'broken' }],
  'broken JSON of what was taken': [{ type: 'broken', taken: true }],
  'a broken connection': [{ type: 'cut' }],
  'a broken connection after it was taken': [{ type: 'cut', taken: true }],
  silence: [{ type: 'hang' }],
  'silence after it was taken': [{ type: 'hang', taken: true }],
}

/** By the method that says so (docs.slack.dev/reference/methods). */
const permanent: Record<string, 'chat.postMessage' | 'conversations.open'> = {
  channel_not_found: 'chat.postMessage',
  not_in_channel: 'chat.postMessage',
  is_archived: 'chat.postMessage',
  account_inactive: 'chat.postMessage',
  invalid_auth: 'chat.postMessage',
  not_authed: 'chat.postMessage',
  token_revoked: 'chat.postMessage',
  token_expired: 'chat.postMessage',
  missing_scope: 'chat.postMessage',
  restricted_action: 'chat.postMessage',
  messages_tab_disabled: 'chat.postMessage',
  msg_too_long: 'chat.postMessage',
  no_text: 'chat.postMessage',
  user_not_found: 'conversations.open',
  user_disabled: 'conversations.open',
  cannot_dm_bot: 'conversations.open',
}

type Reader = { user: string; email: string; fault: string }
const readersOf = (prefix: string, faults: string[]): Reader[] =>
  faults.map((fault, index) => ({
    user: `U${prefix}${index}`,
    email: `${prefix.toLowerCase()}${index}@example.com`,
    fault,
  }))
const temporary = readersOf('TEMP', Object.keys(passing))
const refused = readersOf('PERM', Object.keys(permanent))
const well = readersOf('WELL', ['none', 'none', 'none', 'none'])
const throttled = readersOf('SLOW', ['thirty seconds'])
const everybody = [...temporary, ...refused, ...well, ...throttled]

const person = ({ user, email }: Reader, team: string) =>
  `  - { name: ${user}, email: ${email}, department: none, rank: user, teams: [${team}] }`
const policy = (team: string) =>
  `  - { name: ${team}, when: { team: ${team} }, steps: [{ after: 0s, notify: [{ team: ${team} }] }] }`
const configuration = `
organization: Example Corp
email_domains: [example.com]
teams:
  - { name: passing, channel: { slack: C0PASSING } }
  - { name: permanent, channel: { slack: C0PERMANENT } }
  - { name: slow, channel: { slack: C0SLOW } }
people:
${[...temporary, ...well.slice(0, 2)].map((each) => person(each, 'passing')).join('\n')}
${[...refused, ...well.slice(2)].map((each) => person(each, 'permanent')).join('\n')}
${throttled.map((each) => person(each, 'slow')).join('\n')}
preferences:
  low: [{ route: chat, after: 0s }, { route: email, after: 6h }]
policies:
${['passing', 'permanent', 'slow'].map(policy).join('\n')}
`

let tocsin: Tocsin
let smtp: Awaited<ReturnType<typeof startSmtp>>

beforeAll(async () => {
  smtp = await startSmtp()
  tocsin = await startTocsin({
    configuration,
    env: { SMTP_URL: smtp.url, MAIL_FROM: 'tocsin@example.com', PUBLIC_URL: 'https://tocsin.example.com' },
  })
  const { slack } = tocsin
  for (const { user, email } of everybody) slack.addUser({ id: user, name: user, email })
  // Whoever may be paged has spoken once, so that their account is known.
  const sent = await Promise.all(
    everybody.map(({ user }) => slack.as(user).command('whoami', { channel: `C${user}` })),
  )
  await Promise.all(sent.map((each) => slack.answerTo(each, { timeoutMs: 20_000 })))
})
afterAll(async () => {
  await tocsin?.stop()
  await smtp?.close()
})

type Row = { user: string; state: string; error: string | null; attempts: number }
/** The pages of an incident by one platform, by whom they are for. */
const pages = (key: string, platform: 'slack' | 'email') =>
  tocsin.sql<Row>(
    `select d.notification -> 'route' ->> 'user' as user, d.state, d.error, d.attempts
      from deliveries d join incidents i on i.org_id = d.org_id and i.id = d.incident_id
      join lanes l on l.org_id = d.org_id and l.id = d.lane_id
      join workspaces w on w.org_id = l.org_id and w.id = l.workspace_id
      where d.page_id is not null and d.notification ->> 'type' = 'page' and i.key = $1 and w.platform = $2`,
    [key, platform],
  )

/** Declares in a team's channel, which pages the whole team. */
async function declare(title: string, channel: string): Promise<{ key: string; at: number }> {
  const { slack } = tocsin
  const at = Date.now()
  const sent = await slack.as(well[0]!.user).command(`declare ${title}`, { channel })
  const key = /INC-\d+/.exec(slack.textOf(await slack.answerTo(sent, { timeoutMs: 20_000 })))![0]
  return { key, at }
}

const standing = (user: string, key: string) =>
  tocsin.slack.direct(user).filter((message) => tocsin.slack.textOf(message).includes(`${key} needs you`))

/** Other people's pages come within two seconds, whatever becomes of those beside them. */
async function expectUndelayed(readers: Reader[], key: string, since: number): Promise<void> {
  for (const { user } of readers) {
    const message = await tocsin.slack.waitFor(() => standing(user, key)[0], {
      timeoutMs: within(10_000),
      what: `the page of ${user}`,
    })
    expect(Number(message.ts) * 1000 - since, `the page of ${user}`).toBeLessThan(within(2_000))
  }
}

const faultsOf = (readers: Reader[]) => {
  const { slack } = tocsin
  const left = new Map(readers.map(({ user, fault }) => [slack.directOf(user), [...(passing[fault] ?? [])]]))
  slack.control.fault = ({ method, args }) =>
    method === 'chat.postMessage' ? left.get(String(args.channel))?.shift() : undefined
}

test('pages whose first tries fail for now all arrive in the end, each once, and delay nobody else', async () => {
  faultsOf(temporary)
  const { key, at } = await declare('Passing faults', 'C0PASSING')
  await expectUndelayed(well.slice(0, 2), key, at)
  await tocsin.slack.waitFor(async () => (await pages(key, 'slack')).every(({ state }) => state === 'sent'), {
    timeoutMs: within(40_000),
    what: 'every page',
  })
  const rows = new Map((await pages(key, 'slack')).map((row) => [row.user, row]))
  for (const { user, fault } of temporary) {
    const tries = 1 + passing[fault]!.length
    expect({ fault, attempts: rows.get(user)!.attempts, standing: standing(user, key).length }).toEqual({
      fault,
      attempts: tries,
      standing: 1,
    })
  }
  // The platform's own pause is kept, and where it names none there is one all the same.
  const calls = tocsin.slack.calls('chat.postMessage')
  for (const { user, fault } of temporary.filter((each) => each.fault.startsWith('a pause'))) {
    const [first, second] = calls.filter(({ args }) => args.channel === tocsin.slack.directOf(user))
    expect(second!.at - first!.at, fault).toBeGreaterThanOrEqual(900)
  }
})

test('a pause of half a minute is kept by its own destination alone', async () => {
  const { slack, sql } = tocsin
  const [slow] = throttled as [Reader]
  let calls = 0
  slack.control.fault = ({ method, args }) => {
    if (method !== 'chat.postMessage' || args.channel !== slack.directOf(slow.user)) return undefined
    calls += 1
    return calls === 1 ? { type: 'throttled', retryAfter: 30 } : undefined
  }
  const { key } = await declare('A long pause', 'C0SLOW')
  const paused = () =>
    sql<{ lane: number; page: number }>(
      `select extract(epoch from l.throttled_until - now())::float8 as lane,
        extract(epoch from d.due_at - now())::float8 as page
      from lanes l join deliveries d on d.org_id = l.org_id and d.lane_id = l.id and d.state = 'queued'
      where l.throttled_until is not null and l.destination = $1`,
      [`person:${slow.user}`],
    )
  const row = await slack.waitFor(async () => (await paused())[0], {
    what: 'the pause',
    timeoutMs: within(5_000),
  })
  for (const seconds of [row.lane, row.page]) {
    expect(seconds).toBeGreaterThan(20)
    expect(seconds).toBeLessThanOrEqual(30)
  }
  const elsewhere = await declare('Meanwhile', 'C0PASSING')
  await expectUndelayed(well.slice(0, 2), elsewhere.key, elsewhere.at)
  expect(standing(slow.user, key)).toEqual([])
  expect(calls).toBe(1)
  // The half minute over, in a moment.
  await sql(`update lanes set throttled_until = now() where destination = $1`, [`person:${slow.user}`])
  await sql(
    `update deliveries set due_at = now() where state = 'queued' and notification -> 'route' ->> 'user' = $1`,
    [slow.user],
  )
  await slack.waitFor(() => standing(slow.user, key)[0], { timeoutMs: within(5_000), what: 'the page' })
  expect(standing(slow.user, key)).toHaveLength(1)
})

test('what Slack refuses for good is dead at once, and the next way of that person is tried', async () => {
  const { slack } = tocsin
  const kinds = new Map(refused.map(({ user, fault }) => [user, fault]))
  const byPlace = new Map(refused.map(({ user, fault }) => [slack.directOf(user), fault]))
  const tries = new Map<string, number>()
  slack.control.fault = ({ method, args }) => {
    const error =
      method === 'chat.postMessage' ? byPlace.get(String(args.channel)) : kinds.get(String(args.users))
    if (!error || permanent[error] !== method) return undefined
    tries.set(error, (tries.get(error) ?? 0) + 1)
    return { type: 'refused', error }
  }
  const mailsBefore = smtp.taken.length
  const { key, at } = await declare('Permanent faults', 'C0PERMANENT')
  await expectUndelayed(well.slice(2), key, at)
  const mails = () => smtp.taken.slice(mailsBefore)
  await slack.waitFor(() => mails().length >= refused.length, {
    timeoutMs: within(15_000),
    what: 'the e-mails',
  })
  const rows = new Map((await pages(key, 'slack')).map((row) => [row.user, row]))
  for (const { user, email, fault } of refused) {
    const { state, error, attempts } = rows.get(user)!
    expect({ fault, state, attempts, tries: tries.get(fault) }).toEqual({
      fault,
      state: 'dead',
      attempts: 1,
      tries: 1,
    })
    expect(error).toContain(fault)
    expect(
      mails().filter(({ to }) => to.includes(email)),
      `the e-mail instead of ${fault}`,
    ).toHaveLength(1)
    expect(standing(user, key)).toEqual([])
  }
  // Whoever was reached waits for the next way as long as they said.
  const later = (await pages(key, 'email')).filter(({ user }) => well.some(({ email }) => email === user))
  expect(later.map(({ state }) => state)).toEqual(['waiting', 'waiting'])
  slack.control.fault = () => undefined
})
