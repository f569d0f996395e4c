import { afterEach, beforeEach, expect, test } from 'vitest'
import { remindOfUpdates } from '../../src/core/reminders.ts'
import { inOrg } from '../../src/db/pool.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { cardOf } from '../../src/messages/card-of.ts'
import { blocksOf } from '../../src/messages/part-blocks.ts'
import { createWorld, recordingPlatform, summaryOf, until, type World } from '../engine/support.ts'

let world: World
let slack: ReturnType<typeof recordingPlatform>
let engines: Engine[]

beforeEach(async () => {
  world = await createWorld()
  slack = recordingPlatform()
  engines = []
  await world.rows(
    `insert into posted_messages (org_id, id, incident_id, workspace_id, channel, message)
     values ($1, gen_random_uuid(), $2, $3, 'C0INCIDENTS', 'ts-1')`,
    [world.ids.org, world.ids.incident, world.ids.workspace],
  )
})
afterEach(() => world.close())

const remind = () => inOrg(world.db, world.ids.org, remindOfUpdates)
const later = (interval: string) => world.rows(`update clock set shift = shift + $1::interval`, [interval])
const written = () =>
  world.rows<{ type: string; destination: string; part: Record<string, unknown> }>(
    `select d.notification->>'type' as type, l.destination, d.notification->'outcome'->'parts'->0 as part
     from deliveries d join lanes l using (org_id) where l.id = d.lane_id order by d.sequence`,
  )
const start = async (replicas = 1) => {
  for (let count = 0; count < replicas; count += 1)
    engines.push(world.engine(slack.platform, { renderOutcome: async (_scope, outcome) => cardOf(outcome) }))
  await Promise.all(engines.map((engine) => engine.start()))
}

test('a P1 of which nothing was heard for 30 minutes is asked about once, by one of three replicas', async () => {
  await world.rows('update incidents set assignee_id = $1', [world.ids.person])
  await later('31 minutes')
  await start(3)
  await until(() => slack.taken.length > 0)
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(slack.calls.map(summaryOf)).toEqual([
    'INC-001 has had no update for 31 min. Post one: note INC-001 …',
  ])
  const [call] = slack.calls
  expect(call!.route).toEqual({ type: 'channel', channel: 'C0INCIDENTS', thread: 'ts-1' })
  expect(call!.mentions).toEqual({ [world.ids.person]: 'U1' })
  expect(await world.rows('select version, updated_at < reminded_at as kept from incidents')).toEqual([
    { version: 1, kept: true },
  ])
})

test('it is asked again each interval, and no more once something changes', async () => {
  await later('29 minutes')
  expect(await remind()).toBe(0)
  await later('2 minutes')
  expect(await remind()).toBe(1)
  expect(await remind()).toBe(0)
  await later('29 minutes')
  expect(await remind()).toBe(0)
  await later('1 minute')
  expect(await remind()).toBe(1)
  const [, second] = await written()
  expect(second!.part).toMatchObject({ kind: 'reminder', key: 'INC-001' })
  expect(second!.part.silentSeconds).toBeCloseTo(61 * 60, -1)
  await later('20 minutes')
  await world.rows('update incidents set updated_at = tocsin_now(), version = version + 1')
  await later('25 minutes')
  expect(await remind()).toBe(0)
})

test('a P2 has an hour, and a P3, a resolved and a snoozed one are left alone', async () => {
  await world.rows(`update incidents set priority = 'P2'`)
  await later('59 minutes')
  expect(await remind()).toBe(0)
  await world.rows(`update incidents set priority = 'P3'`)
  await later('5 hours')
  expect(await remind()).toBe(0)
  await world.rows(`update incidents set priority = 'P1', status = 'RESOLVED'`)
  expect(await remind()).toBe(0)
  await world.rows(`update incidents set status = 'OPEN'`)
  await world.rows(
    `insert into escalations (org_id, id, incident_id, state, due_at)
     values ($1, gen_random_uuid(), $2, 'snoozed', tocsin_now() + interval '1 hour')`,
    [world.ids.org, world.ids.incident],
  )
  expect(await remind()).toBe(0)
  await world.rows(`update escalations set state = 'acknowledged'`)
  expect(await remind()).toBe(1)
})

test('the commander is called before the assignee, the assignee before whoever acknowledged, and nobody where there is none', async () => {
  const commander = world.ids.workspace
  await world.rows(`insert into people (org_id, id, name) values ($1, $2, 'Carla')`, [
    world.ids.org,
    commander,
  ])
  await later('31 minutes')
  expect(await remind()).toBe(1)
  await world.rows(
    'update incidents set acknowledged_at = tocsin_now(), acknowledged_by = $1, reminded_at = null',
    [commander],
  )
  expect(await remind()).toBe(1)
  await world.rows('update incidents set assignee_id = $1, reminded_at = null', [world.ids.person])
  expect(await remind()).toBe(1)
  await world.rows(
    `insert into incident_roles (org_id, incident_id, role, person_id) values ($1, $2, 'commander', $3)`,
    [world.ids.org, world.ids.incident, commander],
  )
  await world.rows('update incidents set reminded_at = null')
  expect(await remind()).toBe(1)
  const parts = (await written()).map(({ part }) => part)
  expect(parts.map(({ person }) => person)).toEqual([
    undefined,
    { id: commander, name: 'Carla' },
    { id: world.ids.person, name: 'Ida' },
    { id: commander, name: 'Carla' },
  ])
  const reminder = { kind: 'reminder', label: [], key: 'INC-001', silentSeconds: 1860 } as const
  expect(blocksOf({ ...reminder, person: { id: commander, name: 'Carla' } })).toEqual([
    {
      type: 'text',
      text: [
        { type: 'person', id: commander, name: 'Carla', ping: true },
        ' ',
        'INC-001 has had no update for 31 min. Post one: note INC-001 …',
      ],
    },
  ])
})

test('of a private incident only its person hears, and no channel', async () => {
  await world.rows('update incidents set private = true, assignee_id = $1', [world.ids.person])
  await later('31 minutes')
  expect(await remind()).toBe(1)
  expect(await written()).toMatchObject([{ type: 'direct', destination: 'person:U1' }])
  expect((await written())[0]!.part.label).toContain(`access_private:${world.ids.incident}`)
})
