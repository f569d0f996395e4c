import { afterEach, beforeEach, expect, test } from 'vitest'
import { announceChange } from '../../src/core/announce.ts'
import { changeIncident } from '../../src/core/incidents.ts'
import { inOrg } from '../../src/db/pool.ts'
import { channel, createWorld, recordingPlatform, until, type World } from './support.ts'

let world: World
beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.close())

const show = (name = 'C1') =>
  world.put([
    { route: channel(name), notification: { type: 'incident_card' }, incidentId: world.ids.incident },
  ])
/** What every operation on an incident does: locks it, raises its version, tells its channels. */
const change = (note?: string) =>
  inOrg(world.db, world.ids.org, async ({ tx, orgId, now }) => {
    const { org, incident } = world.ids
    await tx.selectFrom('incidents').select('id').where('id', '=', incident).forUpdate().execute()
    await changeIncident(tx, { org_id: org, id: incident }, now)
    const outcome = note ? { parts: [{ kind: 'sentence' as const, text: note, label: [] }] } : undefined
    await announceChange(tx, orgId, { id: incident }, outcome)
  })
const posted = () =>
  world.rows<{ message: string; shown_version: number; person_id: string | null }>(
    'select message, shown_version, person_id from posted_messages order by created_at',
  )
const waiting = async () =>
  (await world.rows(`select from deliveries where state in ('queued', 'sending')`)).length

test('a posted card follows its incident, many changes in one update', async () => {
  const { platform, texts, taken } = recordingPlatform()
  await show()
  const engine = world.engine(platform)
  await engine.start()
  await until(async () => (await posted()).length === 1)
  // Held back by the pace, ten changes find one update waiting.
  await world.rows(`update lanes set not_before = now() + interval '1 second'`)
  for (let count = 0; count < 10; count += 1) await change()
  engine.wake('deliver')
  await until(() => texts().length === 2)
  await until(async () => (await waiting()) === 0)
  expect(texts()).toEqual(['Checkout is down v1', 'Checkout is down v11'])
  expect(taken[1]!.outgoing.content).toMatchObject({
    type: 'update',
    message: { channel: 'C1', message: `ts-${taken[0]!.outgoing.id}` },
  })
  expect((await posted())[0]!.shown_version).toBe(11)
})

test('whatever changes while a card is being sent is shown in the end', async () => {
  const { platform, texts, control } = recordingPlatform()
  const engine = world.engine(platform)
  await engine.start()
  control.fault = async () => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    return undefined
  }
  await show()
  engine.wake('deliver')
  for (let count = 0; count < 40; count += 1) {
    await change()
    engine.wake('deliver')
  }
  await until(async () => (await posted())[0]?.shown_version === 41, 8_000, texts)
  await until(async () => (await waiting()) === 0)
  expect(texts().at(-1)).toBe('Checkout is down v41')
  expect(texts().length).toBeLessThan(42)
})

test('an update that must be tried again gives way to a newer one', async () => {
  const { platform, texts, control, calls } = recordingPlatform()
  const engine = world.engine(platform)
  await show()
  await engine.start()
  await until(async () => (await posted()).length === 1)
  control.fault = async () => {
    control.fault = async () => undefined
    await change()
    return { ok: false, retry: true, reason: 'a moment' }
  }
  await change()
  engine.wake('deliver')
  await until(() => texts().length === 2)
  await until(async () => (await waiting()) === 0)
  expect(texts()[1]).toBe('Checkout is down v3')
  expect(calls.length).toBe(3)
  expect(await world.rows(`select state from deliveries order by sequence`)).toEqual([
    { state: 'sent' },
    { state: 'withdrawn' },
    { state: 'sent' },
  ])
})

test('a card that somebody deleted is posted anew once, and the new one is followed', async () => {
  const { platform, texts, taken, control } = recordingPlatform()
  const engine = world.engine(platform)
  await show()
  await engine.start()
  await until(async () => (await posted()).length === 1)
  const [first] = await posted()
  control.fault = async ({ content }) =>
    content.type === 'update' && content.message.message === first!.message
      ? { ok: false, retry: false, reason: 'message_not_found', gone: 'message' }
      : undefined
  await change()
  engine.wake('deliver')
  await until(() => texts().length === 2, 8_000, texts)
  await until(async () => (await waiting()) === 0)
  expect(taken[1]!.outgoing.content.type).toBe('card')
  expect((await posted()).map(({ message }) => message)).toEqual([`ts-${taken[1]!.outgoing.id}`])
  await change()
  engine.wake('deliver')
  await until(() => texts().length === 3)
  expect(taken[2]!.outgoing.content).toMatchObject({
    type: 'update',
    message: { message: `ts-${taken[1]!.outgoing.id}` },
  })
})

test('a note goes into the thread of the card in its channel, and into the channel when the card is gone', async () => {
  const { platform, texts, taken, control } = recordingPlatform()
  const engine = world.engine(platform)
  await show()
  await engine.start()
  await until(async () => (await posted()).length === 1)
  await change('first note')
  engine.wake('deliver')
  await until(() => texts().includes('first note'))
  const root = (await posted())[0]!.message
  expect(taken.find(({ text }) => text === 'first note')!.outgoing.route).toEqual({
    type: 'channel',
    channel: 'C1',
    thread: root,
  })
  await until(async () => (await waiting()) === 0)
  control.fault = async ({ route, content }) =>
    (route.type === 'channel' && route.thread) || content.type === 'update'
      ? { ok: false, retry: false, reason: 'thread_not_found', gone: 'message' }
      : undefined
  await world.put([
    {
      route: channel('C1'),
      notification: {
        type: 'note',
        outcome: { parts: [{ kind: 'sentence', text: 'second note', label: [] }] },
      },
      incidentId: world.ids.incident,
    },
  ])
  engine.wake('deliver')
  await until(() => texts().includes('second note'), 8_000, texts)
  expect(taken.at(-1)!.outgoing.route).toEqual({ type: 'channel', channel: 'C1' })
  expect(await posted()).toEqual([])
})

test("a card in a person's own conversation is drawn for that person, and follows too", async () => {
  const { platform, texts } = recordingPlatform()
  const audiences: unknown[] = []
  const engine = world.engine(platform, {
    renderIncident: async (_scope, _incident, audience) => {
      audiences.push(audience)
      return { card: { summary: 'for one', blocks: [] }, version: audiences.length }
    },
  })
  await world.put([
    {
      route: { type: 'person', user: 'U1' },
      notification: { type: 'incident_card' },
      incidentId: world.ids.incident,
    },
  ])
  await engine.start()
  await until(async () => (await posted()).length === 1)
  expect((await posted())[0]!.person_id).toBe(world.ids.person)
  await change()
  engine.wake('deliver')
  await until(() => texts().length === 2)
  expect(audiences).toEqual([
    { workspaceId: world.ids.workspace, channel: 'U1', personId: world.ids.person },
    { workspaceId: world.ids.workspace, channel: 'D-U1', personId: world.ids.person },
  ])
})

test('where an incident may not be shown any more, nothing is sent', async () => {
  const { platform, calls } = recordingPlatform()
  const engine = world.engine(platform, { renderIncident: async () => undefined })
  await show()
  await engine.start()
  await until(async () => (await waiting()) === 0)
  expect(calls).toEqual([])
  expect(await world.rows('select state from deliveries')).toEqual([{ state: 'withdrawn' }])
})
