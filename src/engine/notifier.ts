import { sql } from 'kysely'
import type { Db } from '../db/pool.ts'
import type { Logger } from '../log.ts'
import type { WokenJob } from './job.ts'

export const channel = 'tocsin'

/** At most one NOTIFY a job in this many milliseconds: a burst of commits needs no more to be heard. */
const restMs = 10

export type Notifier = {
  /** Wakes the job on every replica. Called after the commit; never waits, never fails: a tick comes anyway. */
  notify(job: WokenJob): void
}

/** Sends outside the writing transaction: NOTIFY inside it would make commits wait for each other. */
export function notifier(db: Db, log?: Logger): Notifier {
  const resting = new Map<WokenJob, boolean>()
  const send = async (job: WokenJob) => {
    resting.set(job, false)
    try {
      await sql`select pg_notify(${channel}, ${job})`.execute(db.engine)
    } catch (error) {
      log?.debug({ err: error, job }, 'a wake-up was not sent')
    }
    setTimeout(() => {
      const again = resting.get(job)
      resting.delete(job)
      if (again) void send(job)
    }, restMs).unref()
  }
  return {
    notify(job) {
      if (resting.has(job)) resting.set(job, true)
      else void send(job)
    },
  }
}
