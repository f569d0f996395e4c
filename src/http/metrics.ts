import { setTimeout as delay } from 'node:timers/promises'
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Db } from '../db/pool.ts'
import type { Look } from '../engine/watch.ts'
import type { Logger } from '../log.ts'
import { escalationFigures, type QueueFigures, queueFigures } from './queue-figures.ts'
import { watchMetrics } from './watch-metrics.ts'

export type Metrics = {
  contentType: string
  /** Prometheus text; the queues' figures are read when it is asked for. */
  text(): Promise<string>
  delivered(platform: string, outcome: string): void
  /** `outcome`: done, denied, not_found, conflict, invalid_input, unavailable or failed. */
  performed(operation: string, outcome: string): void
  /** An escalation step was taken so many seconds after it was due. */
  stepTaken(latenessSeconds: number): void
  /** What the watchdog found; undefined when it could not look. */
  looked(look: Look): void
  heartbeat(outcome: 'sent' | 'withheld' | 'failed'): void
}

/** The figures of all replicas come from the database; a scrape of each within this time asks once. */
const restMs = 2_000
/** A scrape does not wait longer for them: the last ones are shown. */
const readWithinMs = 1_000
/** Counting a hundred thousand escalations costs more than the rest: it is done less often. */
const escalationsRestMs = 10_000

export function createMetrics(db: Db, log: Logger): Metrics {
  const register = new Registry()
  collectDefaultMetrics({ register })
  const registers = [register]
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers })
  const inbox = gauge('tocsin_inbox_waiting', 'Inbox rows that nobody has finished yet')
  const waiting = gauge('tocsin_deliveries_waiting', 'Deliveries that are not settled yet', ['state'])
  const oldest = gauge('tocsin_deliveries_oldest_seconds', 'Age of the oldest delivery not settled yet')
  const stepOverdue = gauge(
    'tocsin_step_overdue_seconds',
    'By how much the most overdue escalation step is late, 0 when none is',
  )
  const deliveryOverdue = gauge(
    'tocsin_delivery_overdue_seconds',
    'By how much the most overdue delivery is late, 0 when none is',
  )
  const escalations = gauge('tocsin_escalations', 'Escalations that are not over, by state', ['state'])
  const dead = gauge('tocsin_dead_letters', 'Deliveries of the last 30 days that failed for good')
  const deliveries = new Counter({
    name: 'tocsin_deliveries_total',
    help: 'Tries to deliver, by platform (slack, email, sms …) and what came of them',
    labelNames: ['platform', 'outcome'],
    registers,
  })
  const operations = new Counter({
    name: 'tocsin_operations_total',
    help: 'Operations performed, by name and outcome',
    labelNames: ['operation', 'outcome'],
    registers,
  })

  const watch = watchMetrics(registers)

  const show = (figures: QueueFigures) => {
    inbox.set(figures.inbox)
    waiting.set({ state: 'queued' }, figures.queued)
    waiting.set({ state: 'sending' }, figures.sending)
    waiting.set({ state: 'waiting' }, figures.waiting)
    stepOverdue.set(figures.stepOverdueSeconds)
    deliveryOverdue.set(figures.deliveryOverdueSeconds)
    oldest.set(figures.oldestSeconds)
    dead.set(figures.dead)
  }
  let readAt = Number.NEGATIVE_INFINITY
  let escalationsAt = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined
  const read = async () => {
    try {
      show(await queueFigures(db))
      if (performance.now() - escalationsAt > escalationsRestMs) {
        for (const [state, count] of Object.entries(await escalationFigures(db)))
          escalations.set({ state }, count)
        escalationsAt = performance.now()
      }
      readAt = performance.now()
    } catch (error) {
      // What the process knows of itself is worth most when the database is away.
      log.warn({ err: error }, 'the queues could not be counted')
    } finally {
      reading = undefined
    }
  }

  return {
    contentType: register.contentType,
    async text() {
      if (performance.now() - readAt > restMs) reading ??= read()
      await Promise.race([reading, delay(readWithinMs, undefined, { ref: false })])
      return register.metrics()
    },
    delivered: (platform, outcome) => deliveries.inc({ platform, outcome }),
    performed: (operation, outcome) => operations.inc({ operation, outcome }),
    ...watch,
  }
}
