import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Metrics } from './metrics.ts'

/** Seconds: on time is within one tick, late is from two minutes on. */
const buckets = [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900]

/** What Tocsin finds out about itself: how late steps were taken, what the watchdog saw, whether the heart beats. */
export function watchMetrics(registers: Registry[]): Pick<Metrics, 'stepTaken' | 'looked' | 'heartbeat'> {
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers })
  const counter = (name: string, help: string) =>
    new Counter({ name, help, labelNames: ['outcome'], registers })
  const lateness = new Histogram({
    name: 'tocsin_step_lateness_seconds',
    help: 'How long after it was due an escalation step was taken',
    buckets,
    registers,
  })
  const steps = gauge('tocsin_late_steps', 'Escalation steps more than two minutes late')
  const deliveries = gauge('tocsin_late_deliveries', 'Deliveries more than two minutes late')
  const arrivals = gauge('tocsin_late_inbox_rows', 'Inbox rows that wait for more than two minutes')
  const oldest = gauge('tocsin_oldest_late_seconds', 'By how much the most overdue of them is late')
  const lookedAt = gauge('tocsin_watchdog_last_look_timestamp_seconds', 'When the watchdog last looked')
  const looks = counter('tocsin_watchdog_looks_total', 'Looks of the watchdog, by what came of them')
  const beats = counter('tocsin_heartbeats_total', 'Outside heartbeats: sent, withheld or failed')
  return {
    stepTaken: (seconds) => lateness.observe(Math.max(0, seconds)),
    looked(look) {
      looks.inc({ outcome: look ? 'done' : 'failed' })
      if (!look) return
      steps.set(look.steps)
      deliveries.set(look.deliveries)
      arrivals.set(look.arrivals)
      oldest.set(look.oldestSeconds)
      lookedAt.setToCurrentTime()
    },
    heartbeat: (outcome) => beats.inc({ outcome }),
  }
}
