import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Notification } from '../../src/core/outbox.ts'
import type { DeliveryResult, Outgoing } from '../../src/ports/platform.ts'
import { answer, card, channel, createWorld, recordingPlatform, until, type World } from './support.ts'

let world: World
beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.close())

type Row = {
  state: string
  error: string | null
  attempts: number
  uncertain: boolean
  notification: { type: string; route: { type: string } }
}
const deliveries = () =>
  world.rows<Row>('select state, error, attempts, uncertain, notification from deliveries order by sequence')
const never = (signal: AbortSignal) =>
  new Promise<DeliveryResult>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

test('the pause that a platform asks for is kept, and nothing else goes there meanwhile', async () => {
  const { platform, taken, calls, control } = recordingPlatform()
  let refused = 0
  control.fault = async () => {
    if (refused) return undefined
    refused = Date.now()
    return { ok: false, retry: true, reason: 'ratelimited', afterMs: 1_500, throttled: true }
  }
  await world.put([{ route: channel('C1'), notification: answer('first') }])
  const engine = world.engine(platform)
  await engine.start()
  await until(() => refused > 0)
  await until(async () => (await deliveries())[0]!.state === 'queued')
  const lane = await world.rows<{ throttled: boolean }>(
    'select throttled_until > now() as throttled from lanes',
  )
  expect(lane).toEqual([{ throttled: true }])
  await world.put([
    { route: channel('C1'), notification: answer('page'), urgency: 0 },
    { route: channel('C2'), notification: answer('elsewhere') },
  ])
  engine.wake('deliver')
  await until(
    () => taken.length === 3,
    8_000,
    () => taken.length,
  )
  expect(taken.map(({ text }) => text)).toEqual(['elsewhere', 'page', 'first'])
  expect(taken[1]!.at - refused).toBeGreaterThanOrEqual(1_500)
  expect(calls.length).toBe(4)
  await until(async () => (await deliveries()).every(({ state }) => state === 'sent'))
  expect(await world.rows('select throttled_until from lanes where throttled_until is not null')).toEqual([])
})

test('a worker that died while sending loses its lane, and its message is looked up before it is sent again', async () => {
  const { platform, taken } = recordingPlatform()
  await world.put([
    { route: channel('C1'), notification: answer('first') },
    { route: channel('C1'), notification: answer('second') },
  ])
  // What a process leaves behind that was killed between claiming and settling.
  await world.rows(`update deliveries set state = 'sending', attempts = 1
    where sequence = (select min(sequence) from deliveries)`)
  await world.rows(`update lanes set lease_id = gen_random_uuid(), lease_until = now() + interval '1 second'`)
  const began = Date.now()
  await world.engine(platform).start()
  await until(() => taken.length === 2)
  expect(taken[0]!.at - began).toBeGreaterThan(900)
  expect(taken[0]!.at - began).toBeLessThan(3_000)
  expect(taken.map(({ text, outgoing }) => [text, outgoing.uncertain])).toEqual([
    ['first', true],
    ['second', false],
  ])
})

test('a worker that is alive keeps its lane for as long as it sends', async () => {
  const { platform, calls, control } = recordingPlatform()
  control.fault = () => new Promise((resolve) => setTimeout(() => resolve(undefined), 2_500))
  await world.put([{ route: channel('C1'), notification: answer('slow') }])
  const limits = { laneLeaseSeconds: 1 }
  await Promise.all([world.engine(platform, { limits }).start(), world.engine(platform, { limits }).start()])
  await until(async () => (await deliveries())[0]!.state === 'sent')
  expect(calls.length).toBe(1)
})

test('a worker that lost its lane writes nothing any more', async () => {
  const { platform, calls, control } = recordingPlatform()
  let release: (result: undefined) => void = () => undefined
  control.fault = () => new Promise((resolve) => (release = resolve))
  await world.put([{ route: channel('C1'), notification: answer('slow') }])
  const outcomes: string[] = []
  await world.engine(platform, { onDelivery: ({ outcome }) => outcomes.push(outcome) }).start()
  await until(() => calls.length === 1)
  await world.rows(`update lanes set lease_id = gen_random_uuid(), lease_until = now() + interval '1 hour'`)
  release(undefined)
  await until(() => outcomes.length === 1)
  expect(outcomes).toEqual(['lost'])
  expect((await deliveries())[0]!.state).toBe('sending')
})

test('silence and errors are tried again as uncertain, a plain refusal is dead and the channel goes on', async () => {
  const { platform, texts, calls, control } = recordingPlatform()
  const plan: ((outgoing: Outgoing, signal: AbortSignal) => Promise<DeliveryResult | undefined>)[] = [
    (_outgoing, signal) => never(signal),
    async () => {
      throw new Error('socket hang up')
    },
    async () => undefined,
    async () => ({ ok: false, retry: false, reason: 'is_archived' }),
  ]
  control.fault = async (outgoing, signal) => plan.shift()?.(outgoing, signal)
  await world.put(
    ['first', 'second', 'third'].map((text) => ({ route: channel('C1'), notification: answer(text) })),
  )
  await world.engine(platform, { limits: { sendTimeoutMs: 200 } }).start()
  await until(() => texts().length === 2, 10_000, texts)
  expect(texts()).toEqual(['first', 'third'])
  expect(calls.map(({ uncertain }) => uncertain)).toEqual([false, true, true, false, false])
  const rows = await deliveries()
  expect(rows.map(({ state, error, attempts }) => [state, error, attempts])).toEqual([
    ['sent', null, 3],
    ['dead', 'is_archived', 1],
    ['sent', null, 1],
  ])
})

test('retries end: after half an hour for an answer, after a day for a post', async () => {
  const { platform, control } = recordingPlatform()
  control.fault = async () => ({ ok: false, retry: true, reason: 'down' })
  await world.put([
    { route: { type: 'person', user: 'U1' }, notification: answer('answer') },
    { route: channel('C1'), notification: { type: 'note', outcome: { parts: [] } } },
    { route: channel('C2'), notification: { type: 'note', outcome: { parts: [] } } },
  ])
  await world.rows(`update deliveries set created_at = now() - case notification->'route'->>'channel'
    when 'C1' then interval '23 hours' when 'C2' then interval '24 hours' else interval '30 minutes' end`)
  await world.engine(platform).start()
  await until(async () =>
    (await deliveries()).every(({ attempts, state }) => attempts > 0 && state !== 'sending'),
  )
  expect((await deliveries()).map(({ state, error }) => [state, error])).toEqual([
    ['dead', 'down (given up)'],
    ['queued', 'down'],
    ['dead', 'down (given up)'],
  ])
})

test('an answer whose response address is dead comes as an ephemeral message, then in the direct conversation', async () => {
  const { platform, taken, control } = recordingPlatform()
  control.fault = async ({ route }) =>
    route.type === 'person' ? undefined : { ok: false, retry: false, reason: 'expired_url', gone: 'response' }
  await world.put([
    {
      route: { type: 'response', url: 'https://x', channel: 'C1', user: 'U1' },
      notification: answer('hi'),
      urgency: 1,
    },
  ])
  await world.engine(platform).start()
  await until(() => taken.length === 1)
  expect(taken[0]!.outgoing.route).toEqual({ type: 'person', user: 'U1' })
  await until(async () => (await deliveries()).at(-1)!.state === 'sent')
  expect((await deliveries()).map(({ state, notification }) => [state, notification.route.type])).toEqual([
    ['dead', 'response'],
    ['dead', 'ephemeral'],
    ['sent', 'person'],
  ])
})

test('a dialog whose trigger expired is replaced by a button that opens it', async () => {
  const { platform, taken, control } = recordingPlatform()
  control.fault = async ({ content }) =>
    content.type === 'form' ? { ok: false, retry: false, reason: 'expired', gone: 'trigger' } : undefined
  const form = {
    operation: 'declare',
    title: 'Declare',
    submit: 'Declare',
    fields: [],
    hidden: { from: 'C1' },
  }
  await world.put([
    {
      route: { type: 'response', url: 'https://x', channel: 'C1', user: 'U1' },
      notification: { type: 'form', trigger: 't', form },
      urgency: 1,
    },
  ])
  await world.engine(platform).start()
  await until(() => taken.length === 1)
  const { content, route } = taken[0]!.outgoing
  expect(route.type).toBe('response')
  expect(content.type === 'card' && content.card.buttons).toEqual([
    {
      text: 'Open the form',
      style: 'primary',
      action: { type: 'form', form: 'declare', values: { from: 'C1' } },
    },
  ])
  expect((await deliveries())[0]!.state).toBe('withdrawn')
})

test('what cannot be rendered holds up its own lane alone, and is dead in the end', async () => {
  const { platform, texts } = recordingPlatform()
  const broken = {
    type: 'direct' as const,
    outcome: { parts: [] },
    personId: world.ids.person,
  } satisfies Notification
  await world.put([
    { route: { type: 'person', user: 'U1' }, notification: broken },
    { route: channel('C1'), notification: answer('hello') },
  ])
  const renderOutcome = async () => {
    throw new Error('a fault of ours')
  }
  await world.rows('update deliveries set attempts = 9 where incident_id is null and sequence = 1')
  await world.engine(platform, { renderOutcome }).start()
  await until(async () => (await deliveries())[0]!.state === 'dead')
  await until(() => texts().length === 1)
  expect((await deliveries())[0]!.error).toBe('a fault of ours')
})

test('what a card calls people by is looked up in that workspace', async () => {
  const { platform, taken } = recordingPlatform()
  const { person } = world.ids
  const called = {
    ...card('hi'),
    blocks: [
      { type: 'text' as const, text: [{ type: 'person' as const, id: person, name: 'Ida', ping: true }] },
    ],
  }
  await world.put([{ route: channel('C1'), notification: { type: 'answer', card: called } }])
  await world.engine(platform).start()
  await until(() => taken.length === 1)
  expect(taken[0]!.outgoing.mentions).toEqual({ [person]: 'U1' })
})

test('a stop lets what is being sent end, and hands back what does not, for another replica to look up', async () => {
  const { platform, calls, control } = recordingPlatform()
  control.fault = async ({ route }, signal) => {
    if (route.type === 'channel' && route.channel === 'C1') return never(signal)
    await new Promise((resolve) => setTimeout(resolve, 300))
    return undefined
  }
  await world.put([
    { route: channel('C1'), notification: answer('stuck') },
    { route: channel('C2'), notification: answer('slow') },
  ])
  const engine = world.engine(platform, { limits: { drainMs: 1_000 } })
  await engine.start()
  await until(() => calls.length === 2)
  const stopped = engine.stop()
  await world.put([{ route: channel('C3'), notification: answer('too late') }])
  engine.wake('deliver')
  await stopped
  expect((await deliveries()).map(({ state, uncertain }) => [state, uncertain])).toEqual([
    ['queued', true],
    ['sent', false],
    ['queued', false],
  ])
  control.fault = async () => undefined
  const next = recordingPlatform()
  const began = Date.now()
  await world.engine(next.platform).start()
  await until(() => next.taken.length === 2)
  expect(Date.now() - began).toBeLessThan(1_000)
  expect(next.taken.find(({ text }) => text === 'stuck')!.outgoing.uncertain).toBe(true)
})

test('a platform that is not connected keeps its messages waiting', async () => {
  await world.put([{ route: channel('C1'), notification: answer('hello') }])
  await world.engine(undefined).start()
  await until(async () => (await deliveries())[0]!.error === 'slack is not connected')
  expect((await deliveries())[0]!.state).toBe('queued')
})
