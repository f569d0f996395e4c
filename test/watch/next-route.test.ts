import { afterEach, beforeEach, expect, test } from 'vitest'
import { urgency } from '../../src/core/outbox.ts'
import { uuid } from '../../src/db/uuid.ts'
import type { CarrierName } from '../../src/ports/platform.ts'
import { card, createWorld, recordingPlatform, until, type World } from '../engine/support.ts'

let world: World
let slack: ReturnType<typeof recordingPlatform>
let page: string

beforeEach(async () => {
  world = await createWorld()
  slack = recordingPlatform()
  page = uuid()
  await world.rows('insert into pages (org_id, id, incident_id) values ($1, $2, $3)', [
    world.ids.org,
    page,
    world.ids.incident,
  ])
  await world.rows(
    `insert into posted_messages (org_id, id, incident_id, workspace_id, channel, message)
     values ($1, gen_random_uuid(), $2, $3, 'C0INCIDENTS', 'ts-1')`,
    [world.ids.org, world.ids.incident, world.ids.workspace],
  )
})
afterEach(() => world.close())

/** Ways to one person, by user; a later one has seconds. */
const pageBy = (...ways: { user: string; laterSeconds?: number; workspaceId?: string }[]) =>
  world.put(
    ways.map(({ user, ...more }) => ({
      route: { type: 'person', user },
      notification: { type: 'page', page: { why: 'You are on call.' } },
      urgency: urgency.page,
      incidentId: world.ids.incident,
      pageId: page,
      personId: world.ids.person,
      ...more,
    })),
  )

const start = () =>
  world
    .engine(slack.platform, {
      renderOutcome: async (_scope, outcome) =>
        card(outcome.parts.map((part) => (part.kind === 'sentence' ? part.text : '')).join('')),
    })
    .start()

/** These users take nothing, for good. */
const refuse = (...users: string[]) => {
  slack.control.fault = async ({ route }) =>
    route.type === 'person' && users.includes(route.user)
      ? { ok: false, retry: false, reason: 'user_not_found' }
      : undefined
}

const states = async () =>
  (
    await world.rows<{ user: string; state: string }>(
      `select notification->'route'->>'user' as user, state from deliveries where page_id is not null order by sequence`,
    )
  ).map(({ user, state }) => `${user} ${state}`)

test('when one way fails for good the next is tried at once, and only that one', async () => {
  refuse('U1')
  await pageBy({ user: 'U1' }, { user: 'U2', laterSeconds: 300 }, { user: 'U3', laterSeconds: 600 })
  await start()
  await until(() => slack.taken.length > 0)
  expect(slack.taken.map(({ outgoing }) => outgoing.route)).toEqual([{ type: 'person', user: 'U2' }])
  await until(async () => (await states())[1] === 'U2 sent')
  expect(await states()).toEqual(['U1 dead', 'U2 sent', 'U3 waiting'])
})

test('somebody whom no way reaches is named in the thread of the incident, once', async () => {
  refuse('U1', 'U2', 'U3')
  await pageBy({ user: 'U1' }, { user: 'U2' }, { user: 'U3', laterSeconds: 300 })
  await start()
  await until(() => slack.taken.length > 0)
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(slack.texts()).toEqual([
    'INC-001: Ida could not be reached (chat dead: user_not_found). Page or call somebody else.',
  ])
  expect(slack.taken[0]!.outgoing.route).toEqual({
    type: 'channel',
    channel: 'C0INCIDENTS',
    thread: 'ts-1',
  })
  expect(await states()).toEqual(['U1 dead', 'U2 dead', 'U3 dead'])
})

test('a text message that dies is called so, and the number is not shown', async () => {
  const sms = uuid()
  await world.rows(
    `insert into workspaces (org_id, id, platform, external_id, name) values ($1::uuid, $2, 'sms', $1::uuid::text, 'SMS')`,
    [world.ids.org, sms],
  )
  await pageBy({ user: '+441632960961', workspaceId: sms })
  const carrier = {
    name: 'sms' as const,
    paceMs: 0,
    deliver: async () => ({ ok: false, retry: false, reason: '21211 invalid number +441632960961' }) as const,
  }
  const engine = world.engine(slack.platform, {
    platforms: new Map<CarrierName, never>([
      ['slack', slack.platform as never],
      ['sms', carrier as never],
    ]),
  })
  await engine.start()
  await until(() => slack.taken.length > 0)
  expect(slack.texts()).toEqual([
    'INC-001: Ida could not be reached (sms dead: 21211 invalid number a number). Page or call somebody else.',
  ])
})

test('after somebody has acknowledged, a way that fails starts nothing and says nothing', async () => {
  refuse('U1')
  await pageBy({ user: 'U1' }, { user: 'U2', laterSeconds: 300 })
  await world.rows(`update pages set closed_at = now(), closed_as = 'acknowledged'`)
  await start()
  await until(async () => (await states())[0] === 'U1 dead')
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(await states()).toEqual(['U1 dead', 'U2 waiting'])
  expect(slack.taken).toEqual([])
})

test('who was reached another way is not called unreachable', async () => {
  refuse('U2')
  await pageBy({ user: 'U1' }, { user: 'U2' })
  await start()
  await until(async () => (await states()).join() === 'U1 sent,U2 dead')
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(slack.taken).toHaveLength(1)
})

test('of a private incident the others on it hear in their own conversation, not the channel', async () => {
  const other = uuid()
  await world.rows(`insert into people (org_id, id, name) values ($1, $2, 'Maya')`, [world.ids.org, other])
  await world.rows(
    `insert into identities (org_id, workspace_id, external_id, person_id, name, kind)
     values ($1, $2, 'U9', $3, 'Maya', 'member')`,
    [world.ids.org, world.ids.workspace, other],
  )
  await world.rows('update incidents set private = true, reporter_id = $1', [other])
  refuse('U1')
  await pageBy({ user: 'U1' })
  await start()
  await until(() => slack.taken.length > 0)
  expect(slack.taken.map(({ outgoing }) => outgoing.route)).toEqual([{ type: 'person', user: 'U9' }])
})
