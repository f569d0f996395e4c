import { afterEach, beforeEach, expect, test } from 'vitest'
import { answer, channel, createWorld, recordingPlatform, summaryOf, until, type World } from './support.ts'

let world: World
beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.close())

test('one channel gets its messages in the order in which they were written', async () => {
  const { platform, texts } = recordingPlatform()
  const names = Array.from({ length: 30 }, (_, number) => `message ${number}`)
  for (const name of names) await world.put([{ route: channel('C1'), notification: answer(name) }])
  await world.engine(platform).start()
  await until(() => texts().length === 30, 8_000, texts)
  expect(texts()).toEqual(names)
})

test('a page goes before everything that waits in its channel', async () => {
  const { platform, texts } = recordingPlatform()
  await world.put([
    { route: channel('C1'), notification: answer('update'), urgency: 3 },
    { route: channel('C1'), notification: answer('post'), urgency: 2 },
    { route: channel('C1'), notification: answer('page'), urgency: 0 },
  ])
  await world.engine(platform).start()
  await until(() => texts().length === 3)
  expect(texts()).toEqual(['page', 'post', 'update'])
})

test('order is kept while a message is tried again, and a page still passes it', async () => {
  const { platform, texts, control } = recordingPlatform()
  let failures = 1
  control.fault = async () => (failures-- > 0 ? { ok: false, retry: true, reason: 'a moment' } : undefined)
  await world.put([
    { route: channel('C1'), notification: answer('first') },
    { route: channel('C1'), notification: answer('second') },
  ])
  const engine = world.engine(platform)
  await engine.start()
  await until(() => failures === 0)
  await world.put([{ route: channel('C1'), notification: answer('page'), urgency: 0 }])
  engine.wake('deliver')
  await until(() => texts().length === 3, 8_000, texts)
  expect(texts()).toEqual(['page', 'first', 'second'])
})

test('a page that the platform will not take holds up no later one', async () => {
  const { platform, texts, control } = recordingPlatform()
  control.fault = async (outgoing) =>
    summaryOf(outgoing) === 'poisoned' ? { ok: false, retry: true, reason: 'status 500' } : undefined
  await world.put([
    { route: channel('C1'), notification: answer('poisoned'), urgency: 0 },
    { route: channel('C1'), notification: answer('next page'), urgency: 0 },
    { route: channel('C1'), notification: answer('post'), urgency: 2 },
  ])
  await world.engine(platform).start()
  await until(() => texts().length === 2, 3_000, texts)
  expect(texts()).toEqual(['next page', 'post'])
})

test('what is due later holds nothing up until then', async () => {
  const { platform, texts } = recordingPlatform()
  await world.put([
    { route: { type: 'person', user: 'U1' }, notification: answer('streamed'), urgency: 1, delaySeconds: 1 },
    { route: { type: 'person', user: 'U1' }, notification: answer('news') },
  ])
  await world.engine(platform).start()
  await until(() => texts().length === 2)
  expect(texts()).toEqual(['news', 'streamed'])
})

test('a destination that never answers delays no other, however many of them there are', async () => {
  const { platform, texts, control } = recordingPlatform()
  control.fault = async ({ route }, signal) =>
    route.type === 'channel' && route.channel.startsWith('stuck')
      ? new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      : undefined
  const stuck = Array.from({ length: 100 }, (_, number) => `stuck${number}`)
  await world.put(stuck.map((name) => ({ route: channel(name), notification: answer(name), urgency: 0 })))
  const engine = world.engine(platform, { limits: { drainMs: 100 } })
  await engine.start()
  await until(() => engine.status().jobs.some((job) => job.name === 'deliver' && job.inWork === 100))
  const began = Date.now()
  await world.put([{ route: channel('C1'), notification: answer('hello') }])
  engine.wake('deliver')
  await until(() => texts().length === 1)
  expect(Date.now() - began).toBeLessThan(1_000)
})

test('a thousand destinations are served within a couple of seconds', async () => {
  const { platform, texts } = recordingPlatform(1_000)
  await world.put(
    Array.from({ length: 1_000 }, (_, number) => ({
      route: channel(`C${number}`),
      notification: answer(`${number}`),
    })),
  )
  const began = Date.now()
  await world.engine(platform).start()
  await until(
    () => texts().length === 1_000,
    15_000,
    () => texts().length,
  )
  console.info(`1,000 deliveries in 1,000 lanes: ${Date.now() - began} ms`)
  expect(new Set(texts()).size).toBe(1_000)
})

test('an answer leaves at once after its commit, woken in the process or by another one', async () => {
  const { platform, taken } = recordingPlatform()
  const engine = world.engine(platform)
  await engine.start()
  await until(() => engine.status().listening)
  const waits: number[] = []
  for (let number = 0; number < 20; number += 1) {
    await world.put([
      {
        route: { type: 'response', url: 'https://x', channel: 'C1', user: 'U1' },
        notification: answer('hi'),
        urgency: 1,
      },
    ])
    const began = Date.now()
    if (number % 2) engine.wake('deliver')
    else await world.owner.query(`notify tocsin, 'deliver'`)
    await until(() => taken.length === number + 1)
    waits.push(taken.at(-1)!.at - began)
  }
  console.info(`from the commit to the platform: ${waits.join(' ')} ms`)
  expect(waits.toSorted((a, b) => a - b)[10]).toBeLessThan(100)
})

test('a channel is written to at the pace of its platform, whichever replica does it', async () => {
  const { platform, taken } = recordingPlatform(300)
  await world.put(['a', 'b', 'c', 'd'].map((text) => ({ route: channel('C1'), notification: answer(text) })))
  await world.engine(platform).start()
  await world.engine(platform).start()
  await until(() => taken.length === 4)
  const gaps = taken.slice(1).map((one, index) => one.at - taken[index]!.at)
  for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(295)
  expect(taken.map((one) => one.text)).toEqual(['a', 'b', 'c', 'd'])
})

test('two replicas at once never send anything twice', async () => {
  const { platform, taken } = recordingPlatform()
  const deliveries = Array.from({ length: 400 }, (_, number) => ({
    route: channel(`C${number % 40}`),
    notification: answer(`${number}`),
  }))
  const engines = [world.engine(platform), world.engine(platform)]
  await Promise.all(engines.map((engine) => engine.start()))
  for (let at = 0; at < deliveries.length; at += 50) {
    await world.put(deliveries.slice(at, at + 50))
    for (const engine of engines) engine.wake('deliver')
  }
  await until(
    () => taken.length >= 400,
    15_000,
    () => taken.length,
  )
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(taken.length).toBe(400)
  for (let lane = 0; lane < 40; lane += 1) {
    const mine = taken.filter(
      ({ outgoing }) => outgoing.route.type === 'channel' && outgoing.route.channel === `C${lane}`,
    )
    expect(mine.map(({ text }) => Number(text))).toEqual(
      Array.from({ length: 10 }, (_, index) => lane + index * 40),
    )
  }
})
