import { laneLeaseSeconds } from '../core/deliveries.ts'
import type { InboxRow } from '../core/inbox.ts'
import type { SealedHead } from '../core/seal-audit.ts'
import type { Db } from '../db/pool.ts'
import type { Logger } from '../log.ts'
import type { Carrier, CarrierName } from '../ports/platform.ts'
import { deliverJob } from './deliver.ts'
import type { Delivered } from './delivery/deliver-one.ts'
import type { Render } from './delivery/prepare.ts'
import { dispatchJob } from './dispatch.ts'
import { escalateJob } from './escalate.ts'
import { findPeopleJob } from './find-people.ts'
import type { JobStatus, WokenJob } from './job.ts'
import { type Listener, listen } from './listener.ts'
import { maintainJob } from './maintain.ts'
import { remindJob } from './remind.ts'
import { remindShiftsJob } from './remind-shifts.ts'
import { createRunner } from './runner.ts'
import { sealJob } from './seal.ts'

export type EngineOptions = {
  db: Db
  platforms: Map<CarrierName, Carrier>
  /** Works one stored arrival and completes its row; what it throws is unexpected and is tried again. */
  work: (row: InboxRow) => Promise<void>
  renderIncident: Render['incident']
  renderOutcome: Render['outcome']
  /** Without it pages by e-mail and SMS have no link. */
  pageLink?: Render['pageLink']
  /** First administrators, lower-cased: whoever is found before they speak is one of them as well. */
  adminEmails?: string[]
  log: Logger
  /** Takes each organisation's newest seal out of the program's reach. */
  publishAuditHead?: (head: SealedHead) => void | Promise<void>
  onDelivery?: (delivered: Delivered) => void
  /** Every escalation step that was taken: how long after it was due, in seconds. */
  onStep?: (latenessSeconds: number) => void
  limits?: Partial<EngineLimits>
}

export type EngineLimits = {
  laneLeaseSeconds: number
  sendTimeoutMs: number
  /** How long a stop waits for what is in work, before it hands it back. */
  drainMs: number
  /** Lanes served at once. */
  deliveries: number
  /** Inbox rows worked at once, beside those that chat works itself. */
  dispatches: number
}

const defaults: EngineLimits = {
  laneLeaseSeconds,
  sendTimeoutMs: 10_000,
  drainMs: 10_000,
  deliveries: 64,
  dispatches: 8,
}

export type EngineStatus = { started: boolean; listening: boolean; jobs: JobStatus[] }

export type Engine = {
  start(): Promise<void>
  /** No new claims; what is being sent ends or is handed back. Within 20 s. */
  stop(): Promise<void>
  /** To be called after the commit that gave the job something to do. */
  wake(job: WokenJob): void
  status(): EngineStatus
}

/** What happens by time. Any number of them may run on one database: claims keep them apart. */
export function createEngine(options: EngineOptions): Engine {
  const { db, log, platforms, work, onDelivery, publishAuditHead } = options
  const limits = { ...defaults, ...options.limits }
  const { drainMs } = limits
  const jobs = [
    dispatchJob({
      db,
      log,
      work,
      drainMs,
      wake: () => runner.wake('dispatch'),
      concurrency: limits.dispatches,
    }),
    escalateJob({ db, log, wakeDeliver: () => runner.wake('deliver'), onStep: options.onStep }),
    deliverJob({
      db,
      log,
      platforms,
      onDelivery,
      drainMs,
      render: {
        incident: options.renderIncident,
        outcome: options.renderOutcome,
        pageLink: options.pageLink ?? (() => ''),
      },
      wake: () => runner.wake('deliver'),
      leaseSeconds: limits.laneLeaseSeconds,
      sendTimeoutMs: limits.sendTimeoutMs,
      concurrency: limits.deliveries,
    }),
    remindJob({ db, log, wake: () => runner.wake('deliver') }),
    remindShiftsJob({ db, log, wake: () => runner.wake('deliver') }),
    findPeopleJob({ db, log, platforms, adminEmails: options.adminEmails ?? [], drainMs }),
    maintainJob({ db, log }),
    sealJob({ db, log, publishAuditHead }),
  ]
  const runner = createRunner(jobs, log)
  let listener: Listener | undefined
  let started = false

  const heard = (payload?: string) => {
    for (const job of ['dispatch', 'deliver'] as const) {
      if (payload === undefined || payload === job) runner.wake(job)
    }
  }

  return {
    async start() {
      started = true
      runner.start()
      listener = listen(db, heard, log)
    },
    async stop() {
      started = false
      await Promise.all([listener?.stop(), runner.stop()])
    },
    wake: (job) => runner.wake(job),
    status: () => ({ started, listening: listener?.listening() ?? false, jobs: runner.status() }),
  }
}
