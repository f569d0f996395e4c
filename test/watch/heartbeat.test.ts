import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDb } from '../../src/db/pool.ts'
import type { EngineStatus } from '../../src/engine/engine.ts'
import { troubleOf } from '../../src/engine/health.ts'
import { createHeartbeat, type Heartbeat, type HeartbeatOptions } from '../../src/engine/heartbeat.ts'
import { createLogger } from '../../src/log.ts'
import { until } from '../engine/support.ts'
import { createDatabase } from '../support/database.ts'

let server: Server
let url: string
let asked: string[]
let answer: number | 'hang'
let heart: Heartbeat | undefined

beforeEach(async () => {
  asked = []
  answer = 200
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    if (answer !== 'hang') response.writeHead(answer).end('ok')
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ping/key`
})
afterEach(async () => {
  await heart?.stop()
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
})

const beat = (options: Partial<HeartbeatOptions> = {}) => {
  const beats: string[] = []
  heart = createHeartbeat({
    url,
    trouble: async () => undefined,
    log: createLogger('silent'),
    onBeat: (outcome) => void beats.push(outcome),
    everyMs: 40,
    timeoutMs: 5_000,
    ...options,
  })
  heart.start()
  return beats
}

test('the address is asked for again and again while all is well', async () => {
  const beats = beat()
  await until(() => asked.length >= 3)
  expect(new Set(asked)).toEqual(new Set(['GET /ping/key']))
  expect(new Set(beats)).toEqual(new Set(['sent']))
})

test('not all well: silence, until it is well again', async () => {
  let trouble: string | undefined = 'something is late'
  const beats = beat({ trouble: async () => trouble })
  await until(() => beats.length >= 3)
  expect(asked).toEqual([])
  expect(new Set(beats)).toEqual(new Set(['withheld']))
  trouble = undefined
  await until(() => asked.length > 0)
})

test('an address that hangs, refuses or is away is never fatal', async () => {
  answer = 'hang'
  const beats = beat({ timeoutMs: 100 })
  await until(() => beats.includes('failed'))
  answer = 503
  const before = asked.length
  await until(() => asked.length > before + 1)
  expect(beats).not.toContain('sent')
  answer = 200
  await until(() => beats.includes('sent'))
})

test('a check that itself fails withholds the beat', async () => {
  const beats = beat({ trouble: () => Promise.reject(new Error('broken')) })
  await until(() => beats.length >= 2)
  expect(asked).toEqual([])
  expect(new Set(beats)).toEqual(new Set(['failed']))
})

test('all is well only with jobs that succeed, a watch that looks, nothing late and a database', async () => {
  const database = await createDatabase()
  const db = openDb(database.url, { appConnections: 1, engineConnections: 1 })
  const now = Date.now()
  const ago = (seconds: number) => new Date(now - seconds * 1000)
  const status = (lastSuccess?: Date): EngineStatus => ({
    started: true,
    listening: true,
    jobs: [{ name: 'deliver', running: false, inWork: 0, runs: 1, failures: 0, lastSuccess }],
  })
  const late = { steps: 0, deliveries: 0, arrivals: 0, oldestSeconds: 0 }
  const watch = { lookedAt: ago(10), late }
  expect(await troubleOf(db, status(ago(5)), watch, now)).toBeUndefined()
  expect(await troubleOf(db, { ...status(ago(5)), started: false }, watch, now)).toMatch(/not started/)
  expect(await troubleOf(db, status(), watch, now)).toMatch(/deliver has not succeeded yet/)
  expect(await troubleOf(db, status(ago(61)), watch, now)).toMatch(/deliver has not succeeded for long/)
  expect(await troubleOf(db, status(ago(5)), {}, now)).toMatch(/watchdog/)
  expect(await troubleOf(db, status(ago(5)), { lookedAt: ago(61), late }, now)).toMatch(/watchdog/)
  for (const what of ['steps', 'deliveries', 'arrivals'])
    expect(
      await troubleOf(db, status(ago(5)), { lookedAt: ago(10), late: { ...late, [what]: 1 } }, now),
    ).toBe('something is late')
  await db.close()
  expect(await troubleOf(db, status(ago(5)), watch, now)).toBe('the database does not answer')
  await database.drop()
})
