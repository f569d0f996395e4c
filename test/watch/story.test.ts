import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTocsin, type Tocsin } from '../support/app.ts'

let tocsin: Tocsin
let outside: Server
let beats = 0

beforeEach(async () => {
  beats = 0
  outside = createServer((_request, response) => {
    beats += 1
    response.end('ok')
  })
  await new Promise<void>((done) => outside.listen(0, '127.0.0.1', done))
  const { port } = outside.address() as AddressInfo
  tocsin = await startTocsin({ env: { HEARTBEAT_URL: `http://127.0.0.1:${port}/ping` } })
})
afterEach(async () => {
  await tocsin.stop()
  outside.closeAllConnections()
  await new Promise((done) => outside.close(done))
})

const metrics = async () => (await fetch(`${tocsin.url}/metrics`)).text()

test('a healthy Tocsin beats its heart and says so in its metrics', async () => {
  await tocsin.slack.waitFor(() => beats > 0, { timeoutMs: 15_000, what: 'a heartbeat' })
  await tocsin.slack.waitFor(async () =>
    (await metrics()).includes('tocsin_heartbeats_total{outcome="sent"} 1'),
  )
  const text = await metrics()
  expect(text).toMatch(/tocsin_watchdog_looks_total\{outcome="done"\} [1-9]/)
  expect(text).toContain('tocsin_late_steps 0')
  expect(text).toContain('tocsin_late_deliveries 0')
  expect(text).toContain('tocsin_oldest_late_seconds 0')
  expect(text).toContain('tocsin_step_overdue_seconds 0')
  expect(text).toContain('tocsin_delivery_overdue_seconds 0')
  expect(text).toContain('tocsin_deliveries_waiting{state="waiting"} 0')
  expect(text).toMatch(/tocsin_escalations\{state="running"\} \d/)
  expect(text).toContain('# TYPE tocsin_step_lateness_seconds histogram')
})

test('show and timeline name a channel that does not take its messages', async () => {
  tocsin.slack.setChannel('C0INCIDENTS', { archived: true })
  const ida = tocsin.slack.as('UIDA')
  await tocsin.slack.answerTo(await ida.command('declare P3 Checkout is down', { channel: 'C0PAYMENTS' }))
  await tocsin.slack.waitFor(
    async () =>
      (await tocsin.sql(`select 1 from deliveries where state = 'dead' and incident_id is not null`)).length >
      0,
    { what: 'a dead delivery' },
  )
  const shown = await tocsin.slack.answerTo(await ida.command('show INC-001', { channel: 'C0PAYMENTS' }))
  expect(tocsin.slack.textOf(shown)).toMatch(/Slack C0INCIDENTS dead: is_archived/)
  const timeline = await tocsin.slack.answerTo(
    await ida.command('timeline INC-001', { channel: 'C0PAYMENTS' }),
  )
  expect(tocsin.slack.textOf(timeline)).toMatch(/Tocsin: Slack C0INCIDENTS dead: is_archived/)
  await tocsin.slack.waitFor(async () =>
    /tocsin_deliveries_total\{platform="slack",outcome="dead"\} [1-9]/.test(await metrics()),
  )
})
