import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Db, openDb } from '../../src/db/pool.ts'
import { createWatchdog, type Look, type Watchdog } from '../../src/engine/watch.ts'
import { createLogger } from '../../src/log.ts'
import {
  card,
  channel,
  createWorld,
  recordingPlatform,
  summaryOf,
  until,
  type World,
} from '../engine/support.ts'

let world: World
let slack: ReturnType<typeof recordingPlatform>
const running: Watchdog[] = []
const dbs: Db[] = []

beforeEach(async () => {
  world = await createWorld()
  slack = recordingPlatform()
  await world.rows(
    `insert into channels (org_id, platform, channel, announces) values ($1, 'slack', 'C0INCIDENTS', true)`,
    [world.ids.org],
  )
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()))
  await Promise.all(dbs.splice(0).map((one) => one.close()))
  await world.close()
})

/** One replica's watchdog, with connections of its own. */
function watchdog(everyMs = 50, slackPlatform = slack.platform) {
  const db = openDb(world.url, { appConnections: 1, engineConnections: 1 })
  dbs.push(db)
  const looks: Look[] = []
  const made = createWatchdog({
    db,
    platforms: new Map([['slack', slackPlatform]]),
    log: createLogger('silent'),
    onLook: (look) => void looks.push(look),
    everyMs,
    sendTimeoutMs: 300,
  })
  running.push(made)
  made.start()
  return { ...made, looks }
}
const looked = (one: { looks: Look[] }, more = 3) => {
  const seen = one.looks.length
  return until(() => one.looks.length >= seen + more)
}

const escalation = (dueAgo: string, state = 'running') =>
  world.rows<{ id: string }>(
    `insert into escalations (org_id, id, incident_id, state, due_at)
     values ($1, gen_random_uuid(), $2, $3, tocsin_now() - $4::interval) returning id`,
    [world.ids.org, world.ids.incident, state, dueAgo],
  )

const post = (text: string, more: object = {}) =>
  world.put([
    {
      route: channel('C1'),
      notification: { type: 'answer', card: card(text) },
      incidentId: world.ids.incident,
      ...more,
    },
  ])
const texts = () => slack.calls.map(summaryOf)

test('a step that nobody took is said once in the channel, by one of three replicas', async () => {
  await escalation('3 minutes')
  const replicas = [watchdog(), watchdog(), watchdog()]
  await until(() => slack.taken.length > 0)
  for (const one of replicas) await looked(one)
  expect(texts()).toEqual([
    'INC-001: the next page is 3 min late. Tocsin is behind with its own work; whoever runs it must look. ' +
      'Do not wait for it: call whoever is needed.',
  ])
  expect(slack.calls[0]!.route).toMatchObject({ type: 'channel', channel: 'C0INCIDENTS' })
  expect(replicas[0]!.status().late).toMatchObject({ steps: 1, deliveries: 0 })
  expect(replicas[0]!.status().late!.oldestSeconds).toBeGreaterThan(179)
})

test('what is less than two minutes late is not late, and nothing is said', async () => {
  await escalation('100 seconds')
  await post('soon')
  await world.rows(`update deliveries set due_at = now() - interval '100 seconds'`)
  const one = watchdog()
  await looked(one)
  expect(one.status().late).toEqual({ steps: 0, deliveries: 0, arrivals: 0, oldestSeconds: 0 })
  expect(slack.calls).toEqual([])
})

test('the next step of the same escalation is said again when it is late too', async () => {
  const [{ id }] = (await escalation('3 minutes')) as [{ id: string }]
  const one = watchdog()
  await until(() => slack.taken.length === 1)
  await world.rows(`update escalations set due_at = tocsin_now() + interval '5 minutes' where id = $1`, [id])
  await until(() => slack.taken.length === 2)
  await world.rows(`update clock set shift = shift + interval '9 minutes'`)
  await until(() => slack.taken.length === 3)
  await looked(one)
  expect(texts().slice(1)).toEqual([
    'INC-001: nothing is late any more.',
    expect.stringContaining('the next page is 4 min late.'),
  ])
})

test('a throttled destination is named with how many wait and for how long', async () => {
  for (const text of ['a', 'b', 'c']) await post(text)
  await world.rows(`update lanes set throttled_until = now() + interval '1 minute'`)
  await world.rows(
    `update deliveries set attempts = 3, error = 'ratelimited', created_at = now() - interval '4 minutes'`,
  )
  const one = watchdog()
  await until(() => slack.taken.length > 0)
  await looked(one)
  expect(texts()).toEqual([
    'INC-001: Slack is slowing us down: 3 messages wait, the oldest for 4 min. Pages are not affected.',
  ])
})

test('a page that a platform fails is late though its next try is not due yet, and no secret is said', async () => {
  await world.rows(`insert into pages (org_id, id, incident_id) values ($1, $2, $3)`, [
    world.ids.org,
    world.ids.person,
    world.ids.incident,
  ])
  await post('page', { urgency: 0, pageId: world.ids.person, personId: world.ids.person })
  await world.rows(
    `update deliveries set attempts = 7, due_at = now() + interval '50 seconds',
       error = 'status 503 from https://hooks.slack.com/services/T1/secret', created_at = now() - interval '5 minutes'`,
  )
  watchdog()
  await until(() => slack.taken.length > 0)
  expect(texts()).toEqual([
    'INC-001: a page is 5 min late. Slack does not take it (status 503 from an address); Tocsin keeps trying. ' +
      'Do not wait for it: call whoever is needed.',
  ])
})

test('a later way to a person is late in business time', async () => {
  await post('later', { laterSeconds: 60 })
  const one = watchdog()
  await looked(one)
  expect(slack.calls).toEqual([])
  await world.rows(`update clock set shift = shift + interval '6 minutes'`)
  await until(() => slack.taken.length === 1)
  expect(texts()[0]).toMatch(/^INC-001: a message is 5 min late\. Tocsin is behind/)
})

test('when it cannot be said it is said at a later look', async () => {
  await escalation('3 minutes')
  slack.control.fault = async () => ({ ok: false, retry: true, reason: 'internal_error' })
  const one = watchdog()
  await until(() => slack.calls.length >= 2)
  slack.control.fault = async () => undefined
  await until(() => slack.taken.length === 1)
  await looked(one)
  expect(slack.taken).toHaveLength(1)
})

test('a platform that hangs does not stop the watch', async () => {
  await escalation('3 minutes')
  slack.control.fault = () => new Promise(() => undefined)
  const one = watchdog()
  await until(() => slack.calls.length >= 2)
  expect(one.status().late).toMatchObject({ steps: 1 })
})

test('of a private incident no channel hears; its people do, in their own conversation', async () => {
  await world.rows('update incidents set private = true, assignee_id = $1', [world.ids.person])
  await escalation('3 minutes')
  watchdog()
  await until(() => slack.taken.length > 0)
  expect(slack.calls.map(({ route }) => route)).toEqual([{ type: 'person', user: 'U1' }])
  expect(texts()[0]).toMatch(/^INC-001: the next page/)
})

test('of a private incident without people administrators hear, without its key', async () => {
  await world.rows('update incidents set private = true')
  await world.rows('update people set admin = true')
  await escalation('3 minutes')
  watchdog()
  await until(() => slack.taken.length > 0)
  expect(slack.calls.map(({ route }) => route)).toEqual([{ type: 'person', user: 'U1' }])
  expect(texts()[0]).toMatch(/^A private incident: the next page is 3 min late\./)
})

test('it says so in the thread of the card where one stands', async () => {
  await world.rows(
    `insert into posted_messages (org_id, id, incident_id, workspace_id, channel, message)
     values ($1, gen_random_uuid(), $2, $3, 'C0PAYMENTS', 'ts-1')`,
    [world.ids.org, world.ids.incident, world.ids.workspace],
  )
  await escalation('3 minutes')
  watchdog()
  await until(() => slack.taken.length > 0)
  expect(slack.calls.map(({ route }) => route)).toEqual([
    { type: 'channel', channel: 'C0PAYMENTS', thread: 'ts-1' },
  ])
})

test('arrivals that wait are counted', async () => {
  await world.rows(
    `insert into inbox (org_id, id, workspace_id, event_id, sender, payload, received_at)
     select $1, gen_random_uuid(), $2, n::text, 'a', '{}', now() - interval '1 minute' * n from generate_series(1, 5) n`,
    [world.ids.org, world.ids.workspace],
  )
  const one = watchdog()
  await looked(one)
  expect(one.status().late).toMatchObject({ steps: 0, deliveries: 0, arrivals: 4 })
  expect(one.status().late!.oldestSeconds).toBeGreaterThan(299)
})

test('a database that is away is a failed look, and the next one works', async () => {
  const one = watchdog()
  await looked(one, 1)
  await world.rows('alter table escalations rename to gone')
  await until(() => one.looks.includes(undefined))
  await world.rows('alter table gone rename to escalations')
  await until(() => one.looks.at(-1) !== undefined)
})

test('when many incidents are late at once one message speaks of all, and names no private one', async () => {
  await world.rows(
    `insert into incidents (org_id, id, number, title, priority, private)
     select $1, gen_random_uuid(), n, 'x', 'P1', n = 2 from generate_series(2, 40) n`,
    [world.ids.org],
  )
  await world.rows(
    `insert into escalations (org_id, id, incident_id, due_at)
     select org_id, gen_random_uuid(), id, tocsin_now() - interval '5 minutes' from incidents`,
  )
  const replicas = [watchdog(), watchdog(), watchdog()]
  await until(() => slack.taken.length > 0)
  for (const one of replicas) await looked(one)
  expect(texts()).toEqual([
    '40 incidents (INC-001, INC-003, INC-004 and 37 more): 40 pages are late, the oldest by 5 min. ' +
      'Tocsin is behind with its own work; whoever runs it must look. Do not wait for it: call whoever is needed.',
  ])
  await world.rows(`update escalations set due_at = tocsin_now() + interval '1 hour'`)
  await until(() => slack.taken.length === 2)
  expect(texts()[1]).toBe('40 incidents (INC-001, INC-003, INC-004 and 37 more): nothing is late any more.')
})

test('what was claimed while the database failed is still said once it is back', async () => {
  await escalation('3 minutes')
  await world.rows('alter table channels rename to gone')
  const one = watchdog()
  await looked(one)
  expect(slack.calls).toEqual([])
  await world.rows('alter table gone rename to channels')
  await until(() => slack.taken.length > 0)
  await looked(one)
  expect(slack.taken).toHaveLength(1)
})
