import { setTimeout as delay } from 'node:timers/promises'
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Db } from '../db/pool.ts'
import type { Logger } from '../log.ts'
import { type QueueFigures, queueFigures } from './queue-figures.ts'

export type Metrics = {
  contentType: string
  /** Prometheus text; the queues' figures are read when it is asked for. */
  text(): Promise<string>
  delivered(platform: string, outcome: string): void
  /** `outcome`: done, denied, not_found, conflict, invalid_input, unavailable or failed. */
  performed(operation: string, outcome: string): void
}

/** The figures of all replicas come from the database; a scrape of each within this time asks once. */
const restMs = 2_000
/** A scrape does not wait longer for them: the last ones are shown. */
const readWithinMs = 1_000

export function createMetrics(db: Db, log: Logger): Metrics {
  const register = new Registry()
  collectDefaultMetrics({ register })
  const registers = [register]
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers })
  const inbox = gauge('tocsin_inbox_waiting', 'Inbox rows that nobody has finished yet')
  const waiting = gauge('tocsin_deliveries_waiting', 'Deliveries that are not settled yet', ['state'])
  const oldest = gauge('tocsin_deliveries_oldest_seconds', 'Age of the oldest delivery not settled yet')
  const dead = gauge('tocsin_dead_letters', 'Deliveries of the last 30 days that failed for good')
  const deliveries = new Counter({
    name: 'tocsin_deliveries_total',
    help: 'Tries to deliver, by platform and what came of them',
    labelNames: ['platform', 'outcome'],
    registers,
  })
  const operations = new Counter({
    name: 'tocsin_operations_total',
    help: 'Operations performed, by name and outcome',
    labelNames: ['operation', 'outcome'],
    registers,
  })

  const show = (figures: QueueFigures) => {
    inbox.set(figures.inbox)
    waiting.set({ state: 'queued' }, figures.queued)
    waiting.set({ state: 'sending' }, figures.sending)
    oldest.set(figures.oldestSeconds)
    dead.set(figures.dead)
  }
  let readAt = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined
  const read = async () => {
    try {
      show(await queueFigures(db))
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
  }
}
