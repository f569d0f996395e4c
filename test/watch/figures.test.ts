import { afterEach, beforeEach, expect, test } from 'vitest'
import { createMetrics } from '../../src/http/metrics.ts'
import { escalationFigures, queueFigures } from '../../src/http/queue-figures.ts'
import { createLogger } from '../../src/log.ts'
import { answer, channel, createWorld, type World } from '../engine/support.ts'

let world: World
beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.close())

const escalation = (due: string, state: string) =>
  world.rows(
    `with incident as (insert into incidents (org_id, id, number, title, priority)
       select $1, gen_random_uuid(), max(number) + 1, 'x', 'P1' from incidents returning id)
     insert into escalations (org_id, id, incident_id, state, due_at)
     select $1, gen_random_uuid(), id, $2, ${due} from incident`,
    [world.ids.org, state],
  )

test('how late steps and messages are is seen from the first second on', async () => {
  expect(await queueFigures(world.db)).toMatchObject({ stepOverdueSeconds: 0, deliveryOverdueSeconds: 0 })
  await escalation(`'infinity'`, 'acknowledged')
  await escalation(`tocsin_now() + interval '1 minute'`, 'snoozed')
  await escalation(`tocsin_now() - interval '1 day'`, 'stopped')
  expect(await queueFigures(world.db)).toMatchObject({ stepOverdueSeconds: 0 })
  await escalation(`tocsin_now() - interval '90 seconds'`, 'running')
  expect((await queueFigures(world.db)).stepOverdueSeconds).toBeCloseTo(90, -1)
  expect(await escalationFigures(world.db)).toEqual({ running: 1, snoozed: 1, acknowledged: 1 })
})

test('a message that is tried again is late since it was written, a later way by business time', async () => {
  const put = (more: object = {}) => world.put([{ route: channel('C1'), notification: answer('x'), ...more }])
  await put()
  await world.rows(`update deliveries set attempts = 4, due_at = now() + interval '30 seconds',
    created_at = now() - interval '70 seconds'`)
  expect((await queueFigures(world.db)).deliveryOverdueSeconds).toBeCloseTo(70, -1)
  await put({ laterSeconds: 60 })
  const before = await queueFigures(world.db)
  expect(before).toMatchObject({ queued: 1, waiting: 1 })
  expect(before.deliveryOverdueSeconds).toBeCloseTo(70, -1)
  await world.rows(`update clock set shift = shift + interval '10 minutes'`)
  expect((await queueFigures(world.db)).deliveryOverdueSeconds).toBeCloseTo(540, -1)
})

test('steps, looks and heartbeats are counted', async () => {
  const metrics = createMetrics(world.db, createLogger('silent'))
  metrics.stepTaken(0.3)
  metrics.stepTaken(150)
  metrics.looked({ steps: 2, deliveries: 3, arrivals: 4, oldestSeconds: 200 })
  metrics.looked(undefined)
  metrics.heartbeat('withheld')
  metrics.delivered('sms', 'sent')
  const text = await metrics.text()
  for (const line of [
    'tocsin_step_lateness_seconds_bucket{le="0.5"} 1',
    'tocsin_step_lateness_seconds_bucket{le="120"} 1',
    'tocsin_step_lateness_seconds_bucket{le="300"} 2',
    'tocsin_late_steps 2',
    'tocsin_late_deliveries 3',
    'tocsin_late_inbox_rows 4',
    'tocsin_oldest_late_seconds 200',
    'tocsin_watchdog_looks_total{outcome="failed"} 1',
    'tocsin_heartbeats_total{outcome="withheld"} 1',
    'tocsin_deliveries_total{platform="sms",outcome="sent"} 1',
    'tocsin_escalations{state="running"} 0',
  ])
    expect(text).toContain(line)
  expect(text).toMatch(/tocsin_watchdog_last_look_timestamp_seconds 1\d{9}/)
})
