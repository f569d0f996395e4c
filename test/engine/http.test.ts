import { request as open } from 'node:http'
import { connect } from 'node:net'
import express from 'express'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createMetrics, type Metrics } from '../../src/http/metrics.ts'
import { createHttp, type Http, type Readiness } from '../../src/http/server.ts'
import { createLogger } from '../../src/log.ts'
import { answer, channel, createWorld, until, type World } from './support.ts'

let world: World
let http: Http
let metrics: Metrics
let base: string
let port: number
let ready: () => Promise<Readiness>
const held: (() => void)[] = []

beforeEach(async () => {
  world = await createWorld()
  const log = createLogger('silent')
  metrics = createMetrics(world.db, log)
  ready = async () => ({ ok: true })
  http = createHttp({ ready: () => ready(), metrics, log })
  http.app.post(
    '/json',
    express.json({ limit: 100 }),
    (request, response) => void response.json(request.body),
  )
  http.app.post('/broken', () => {
    throw new Error('a secret thing')
  })
  http.app.get('/slow', (_request, response) => {
    held.push(() => response.end('done'))
  })
  port = (await http.listen(0, '127.0.0.1')).port
  base = `http://127.0.0.1:${port}`
})
afterEach(async () => {
  await http.close(100)
  await world.close()
})

const post = (path: string, body: string) =>
  fetch(base + path, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
const said = async (response: Response) => [response.status, await response.text()]

test('it is alive always, and ready only while it is', async () => {
  expect(await said(await fetch(`${base}/healthz`))).toEqual([200, 'ok\n'])
  expect(await said(await fetch(`${base}/readyz`))).toEqual([200, 'ready\n'])
  ready = async () => ({ ok: false, why: 'the database does not answer' })
  expect(await said(await fetch(`${base}/readyz`))).toEqual([503, 'the database does not answer\n'])
  ready = async () => {
    throw new Error('a secret thing')
  }
  expect(await said(await fetch(`${base}/readyz`))).toEqual([503, 'the check failed\n'])
  ready = () => new Promise(() => undefined)
  expect((await fetch(`${base}/readyz`)).status).toBe(503)
})

test('what is wrong gets a few words and breaks nothing', async () => {
  expect(await said(await fetch(`${base}/nothing`))).toEqual([404, 'not found\n'])
  expect(await said(await post('/healthz', '{}'))).toEqual([405, 'method not allowed\n'])
  expect((await fetch(`${base}/json`)).headers.get('allow')).toBe('POST')
  expect(await said(await post('/json', '{"a":'))).toEqual([400, 'bad request\n'])
  expect(await said(await post('/json', JSON.stringify('x'.repeat(200))))).toEqual([
    413,
    'payload too large\n',
  ])
  expect(await said(await post('/json', `${'['.repeat(50)}`))).toEqual([400, 'bad request\n'])
  expect(await said(await post('/broken', '{}'))).toEqual([500, 'internal server error\n'])
  expect((await fetch(`${base}/%E0%A4%A`)).status).toBeLessThan(500)
  const raw = await new Promise<string>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('NONSENSE\r\n\r\n'))
    socket.on('data', (data) => resolve(data.toString()))
  })
  expect(raw).toMatch(/^HTTP\/1\.1 400 /)
  expect(await said(await fetch(`${base}/healthz`))).toEqual([200, 'ok\n'])
})

test('the metrics count what waits, what is dead and what was done', async () => {
  await world.put(['a', 'b', 'c'].map((text) => ({ route: channel('C1'), notification: answer(text) })))
  await world.rows(`update deliveries set state = 'dead', settled_at = now() where sequence = 1`)
  await world.rows(`update deliveries set created_at = now() - interval '40 seconds' where sequence = 2`)
  metrics.delivered('slack', 'sent')
  metrics.performed('declare', 'denied')
  const response = await fetch(`${base}/metrics`)
  expect(response.headers.get('content-type')).toContain('text/plain')
  const text = await response.text()
  expect(text).toContain('tocsin_deliveries_waiting{state="queued"} 2')
  expect(text).toContain('tocsin_deliveries_waiting{state="sending"} 0')
  expect(text).toMatch(/tocsin_deliveries_oldest_seconds 4\d\./)
  expect(text).toContain('tocsin_dead_letters 1')
  expect(text).toContain('tocsin_inbox_waiting 0')
  expect(text).toContain('tocsin_deliveries_total{platform="slack",outcome="sent"} 1')
  expect(text).toContain('tocsin_operations_total{operation="declare",outcome="denied"} 1')
  expect(text).toContain('process_cpu_seconds_total')
})

test('a close lets running requests end, and idle connections go at once', async () => {
  const idle = connect(port, '127.0.0.1')
  await until(() => idle.readyState === 'open')
  const running = fetch(`${base}/slow`).then((response) => response.text())
  await until(() => held.length > 0)
  const began = Date.now()
  const closed = http.close(5_000)
  setTimeout(() => held.pop()!(), 200)
  await expect(fetch(`${base}/healthz`)).rejects.toThrow()
  expect(await running).toBe('done')
  await closed
  expect(Date.now() - began).toBeLessThan(1_500)
})

test('a request that never ends is cut when a close has waited long enough', async () => {
  const stuck = open(`${base}/slow`)
  stuck.on('error', () => undefined)
  stuck.end()
  await until(() => held.length > 0)
  const began = Date.now()
  await http.close(200)
  expect(Date.now() - began).toBeLessThan(1_000)
})
