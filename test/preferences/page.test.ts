import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Story, startStory } from '../schedules/support.ts'

let story: Story
beforeEach(async () => {
  story = await startStory('2026-01-06T12:00Z')
  for (const user of ['UIDA', 'UIVO', 'ULENA', 'UMAYA']) await story.ask(user, 'whoami')
})
afterEach(() => story.stop())
const ask: Story['ask'] = (...args) => story.ask(...args)
const heard = (user: string, words: string) =>
  story.slack.waitFor(
    () => story.slack.direct(user).find((message) => story.slack.textOf(message).includes(words)),
    { what: words },
  )
const deliveries = (name: string) =>
  story.sql<{ state: string; platform: string; user: string; type: string }>(
    `select d.state, w.platform, d.notification #>> '{route,user}' as user, d.notification ->> 'type' as type
      from deliveries d join lanes l on l.id = d.lane_id join workspaces w on w.id = l.workspace_id
      join people p on p.id = d.person_id where p.name = $1 and d.page_id is not null order by d.sequence`,
    [name],
  )

test('a page about an incident comes with its key, its title and Acknowledge, and stands in the timeline', async () => {
  await ask('UVERA', 'declare Checkout is down')
  const answer = await ask('ULENA', 'page INC-001 Ivo Lang the replica lags')
  expect(answer).toContain('Paged Ivo Lang about INC-001')
  expect(answer).toContain('Ivo Lang: Slack now')
  const message = await heard('UIVO', 'INC-001 needs you: Checkout is down')
  expect(story.slack.textOf(message)).toContain('Lena Lead: the replica lags')
  expect(await ask('ULENA', 'timeline INC-001')).toContain('paged Ivo Lang: the replica lags')
  // Ivo's rank gives him no acknowledge: being paged does.
  await story.slack.as('UIVO').click(message, 'Acknowledge')
  await story.slack.waitFor(
    async () => (await story.sql(`select 1 from incidents where acknowledged_at is not null`)).length > 0,
  )
})

test('whom a page reaches says with one press that they have seen it, and the sender hears of it', async () => {
  expect(await ask('ULENA', 'page Ida Torres can you come to the war room')).toContain(
    'Ida Torres: Slack now',
  )
  const message = await heard('UIDA', 'Lena Lead pages you: can you come to the war room')
  await story.slack.as('UIDA').click(message, 'Acknowledge')
  await heard('ULENA', 'Ida Torres has seen your page: can you come to the war room')
  await heard('UIDA', 'Acknowledged by Ida Torres')
  await story.settled()
  const after = story.slack.direct('UIDA').find(({ ts }) => ts === message.ts)!
  expect(JSON.stringify(after.blocks)).not.toContain('"button"')
  const [page] = await story.sql(`select closed_as, p.name from pages g join people p on p.id = g.closed_by`)
  expect(page).toEqual({ closed_as: 'acknowledged', name: 'Ida Torres' })
})

test('nobody acknowledges a page that was not theirs', async () => {
  await ask('ULENA', 'page Ida Torres can you come')
  const message = await heard('UIDA', 'Lena Lead pages you')
  await story.slack.as('UIVO').click(message, 'Acknowledge')
  await story.settled()
  expect(await story.sql('select 1 from pages where closed_at is not null')).toEqual([])
})

test('a team is paged without the sender; whoever has no way is named', async () => {
  const answer = await ask('ULENA', 'page payments all hands please')
  expect(answer).toContain('Paged payments')
  expect(answer).toContain('Ida Torres: Slack now')
  expect(answer).toContain('Maya Okafor: Slack now')
  expect(answer).not.toContain('Lena Lead: ')
  await heard('UMAYA', 'Lena Lead pages you: all hands please')
  expect(story.told('UMAYA')).toContain('Lena Lead pages payments, which you belong to.')
  await story.sql(
    `insert into people (org_id, id, name) select org_id, gen_random_uuid(), 'Nora Nobody' from organizations`,
  )
  const refused = await ask('ULENA', 'page Nora Nobody hello')
  expect(refused).toContain('Nobody was paged: Nora Nobody cannot be reached')
  await story.sql(`update people set name = 'Payments' where name = 'Nora Nobody'`)
  expect(await ask('ULENA', 'page payments look')).toContain('may be the team payments or Payments')
  expect(await ask('ULENA', 'page team payments look')).toContain('Paged payments')
})

test('who may not page is refused, with who may; nothing to say is no page', async () => {
  expect(await ask('UIVO', 'page Ida Torres help')).toContain('Nobody was paged: that needs page')
  expect(await ask('ULENA', 'page Ida Torres')).toContain('say what it is about')
  expect(await ask('ULENA', 'page ida')).toContain('say what it is about')
  expect(await ask('ULENA', 'page Zebulon help')).toContain('no active person and no team called Zebulon')
  expect(await ask('ULENA', 'page Ida Torres INC-009 help')).toContain('there is no incident INC-009')
  expect(await story.sql('select 1 from pages')).toEqual([])
})

test('ten pages in ten minutes are the limit of a sender, and the refusal says when it is over', async () => {
  for (let count = 1; count <= 10; count += 1) {
    expect(await ask('ULENA', `page Ida Torres number ${count}`)).toContain('Paged Ida Torres')
    await story.advance('30 seconds')
  }
  const refused = await ask('ULENA', 'page Ida Torres once more')
  expect(refused).toContain('more than 10 pages of yours in 10 minutes')
  expect(refused).toContain('You can page again at 12:10 UTC')
  expect(await ask('UMAYA', 'page Ida Torres from me')).toContain('Paged Ida Torres')
  await story.advance('5 minutes')
  expect(await ask('ULENA', 'page Ida Torres once more')).toContain('Paged Ida Torres')
})

test('quiet hours put a page off and the sender is told until when; a P1 page waits for nothing', async () => {
  await ask('UIDA', 'preferences zone Europe/London')
  await ask('UIDA', 'preferences quiet 11:00-13:00')
  const answer = await ask('ULENA', 'page Ida Torres are you there')
  expect(answer).toContain('Ida Torres: quiet hours until Tue 6 Jan 13:00 (Europe/London), Slack then')
  expect(await deliveries('Ida Torres')).toMatchObject([{ state: 'waiting' }])
  await ask('UVERA', 'declare Checkout is down')
  await ask('UVERA', 'priority INC-001 P1')
  expect(await ask('ULENA', 'page INC-001 Ida Torres now please')).toContain('Ida Torres: Slack now')
  await heard('UIDA', 'INC-001 needs you')
})

test('the later ways of a page that is acknowledged are withdrawn', async () => {
  await story.sql(`insert into workspaces (org_id, id, platform, external_id, name)
    select org_id, gen_random_uuid(), 'email', org_id::text, 'e-mail' from organizations`)
  const answer = await ask('ULENA', 'page Ida Torres come')
  expect(answer).toContain('Slack now, e-mail in 2m')
  const message = await heard('UIDA', 'Lena Lead pages you: come')
  expect(await deliveries('Ida Torres')).toMatchObject([
    { platform: 'slack', user: 'UIDA' },
    { platform: 'email', user: 'ida@example.com', state: 'waiting' },
  ])
  await story.slack.as('UIDA').click(message, 'Acknowledge')
  await heard('UIDA', 'Acknowledged by Ida Torres')
  expect(await deliveries('Ida Torres')).toMatchObject([{ state: 'sent' }, { state: 'withdrawn' }])
})

test('a page about an incident that was acknowledged before is ended by its reader, and the sender hears of it', async () => {
  await story.sql(`insert into workspaces (org_id, id, platform, external_id, name)
    select org_id, gen_random_uuid(), 'email', org_id::text, 'e-mail' from organizations
    on conflict do nothing`)
  await ask('UVERA', 'declare Checkout is down')
  await ask('ULENA', 'ack INC-001')
  await ask('ULENA', 'page INC-001 Ida Torres come')
  const message = await heard('UIDA', 'INC-001 needs you')
  await story.slack.as('UIDA').click(message, 'Acknowledge')
  await heard('ULENA', 'Ida Torres has seen your page: come')
  expect(await deliveries('Ida Torres')).toMatchObject([{ state: 'sent' }, { state: 'withdrawn' }])
  await ask('ULENA', 'resolve INC-001')
  await ask('ULENA', 'page INC-001 Ivo Lang well done')
  expect(await ask('UIVO', 'ack INC-001')).toContain(
    'You have seen the page about INC-001, which is RESOLVED',
  )
  expect(await ask('UIVO', 'ack INC-001')).toContain('it is RESOLVED')
})

test('whoever is paged about a private incident is let in, and the answer says so', async () => {
  await ask('UVERA', 'declare --private Payroll leaked')
  const [incident] = await story.sql<{ private: boolean }>(`select private from incidents`)
  if (!incident?.private) await story.sql('update incidents set private = true')
  expect(await ask('UIVO', 'show INC-001')).toContain('no incident INC-001')
  expect(await ask('ULENA', 'page INC-001 Ivo Lang look')).toContain('no incident INC-001 that you may see')
  expect(await ask('UVERA', 'page INC-001 Ivo Lang look')).toContain('INC-001 is private')
  expect(await ask('UIVO', 'show INC-001')).toContain('INC-001')
})

test('followers hear of changes by the routes they chose for news, e-mail included', async () => {
  await story.sql(`insert into workspaces (org_id, id, platform, external_id, name)
    select org_id, gen_random_uuid(), 'email', org_id::text, 'e-mail' from organizations`)
  await ask('UIVO', 'preferences low email 0s')
  await ask('UVERA', 'declare Checkout is down')
  await ask('UIVO', 'follow INC-001')
  await ask('UVERA', 'ack INC-001')
  const rows = await story.sql<{ platform: string; user: string; change: string }>(
    `select w.platform, d.notification #>> '{route,user}' as user,
        d.notification #>> '{outcome,parts,0,change}' as change
      from deliveries d join lanes l on l.id = d.lane_id join workspaces w on w.id = l.workspace_id
      where d.notification ->> 'type' = 'direct' and d.notification ->> 'personId' =
        (select id::text from people where name = 'Ivo Lang')`,
  )
  expect(rows).toEqual([{ platform: 'email', user: 'ivo@example.com', change: 'acknowledged' }])
})
