/** A process of its own, so that its memory and its event loop are its own too. */
import { request as open } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Running } from '../durability/process.ts'
import { createWorld, type World } from '../durability/world.ts'

let world: World
let app: Running
beforeAll(async () => {
  world = await createWorld()
  app = await world.replica()
})
afterAll(() => world?.close())

const memory = async (): Promise<number> => {
  const text = await (await fetch(`${app.url}/metrics`)).text()
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)![1])
}
/** What a balancer sees meanwhile: how long each answer took. */
function watchHealth() {
  const taken: number[] = []
  let watching = true
  const done = (async () => {
    while (watching) {
      const began = performance.now()
      expect((await fetch(`${app.url}/healthz`)).status).toBe(200)
      taken.push(performance.now() - began)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })()
  return async () => {
    watching = false
    await done
    return taken.sort((a, b) => a - b)
  }
}
const post = async (body: Buffer, headers: Record<string, string>): Promise<number> => {
  const sent = fetch(`${app.url}/slack/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: new Uint8Array(body),
  })
  // Whoever sends on after the answer may find the connection closed.
  return (await sent.catch(() => undefined))?.status ?? 0
}
const refusedOr = (...statuses: number[]) => [0, ...statuses]
const slowOne = (headers: Record<string, string>) =>
  new Promise<number>((resolve) => {
    const sent = open(
      `${app.url}/slack/events`,
      { method: 'POST', headers: { 'content-length': '900000', ...headers } },
      (answer) => resolve(answer.resume().statusCode ?? 0),
    )
    sent.on('error', () => resolve(0))
    sent.write('{')
  })

test('floods of large, deep, slow and forged bodies leave memory and answers as they are', {
  timeout: 40_000,
}, async () => {
  const large = Buffer.alloc(10_000_000, 'a')
  const deep = Buffer.from(`{"a":"${'['.repeat(400_000)}","b":${'['.repeat(400_000)}`)
  const signed = world.slack.sign(deep.toString())
  const before = await memory()
  const health = watchHealth()
  let most = before
  const wave = async (name: string, statuses: number[], requests: Promise<number>[]) => {
    for (const status of await Promise.all(requests)) expect(statuses, name).toContain(status)
    most = Math.max(most, await memory())
  }
  const many = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make)
  for (let round = 0; round < 2; round += 1) {
    await wave(
      'large',
      refusedOr(401, 413),
      many(10, () => post(large, {})),
    )
    await wave(
      'deep and signed',
      refusedOr(400),
      many(20, () => post(deep, signed)),
    )
    await wave(
      'forged',
      refusedOr(401),
      many(20, () => post(deep, { ...signed, 'x-slack-signature': 'v0=no' })),
    )
  }
  await wave(
    'slow',
    refusedOr(408),
    many(50, () => slowOne(signed)),
  )
  const taken = await health()
  const median = taken[Math.floor(taken.length / 2)]!
  expect(median).toBeLessThan(200)
  expect(most - before).toBeLessThan(250e6)
  expect(await world.sql('select 1 from inbox')).toEqual([])
  const sent = await world.slack.as('UIDA').command('declare Still here', { channel: 'C1' })
  expect(world.slack.textOf(await world.slack.answerTo(sent))).toContain('INC-001')
  expect(app.log.filter(({ level }) => level >= 50)).toEqual([])
})
