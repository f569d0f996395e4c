import { setTimeout as delay } from 'node:timers/promises'
import { completeInbox, type InboxRow, inboxLeaseSeconds, releaseInbox, renewInbox } from '../core/inbox.ts'
import { type Db, inOrg } from '../db/pool.ts'
import type { Logger } from '../log.ts'
import { claimInboxHeads, retryInboxLater } from './inbox-claims.ts'
import type { Job } from './job.ts'
import { createLeaseKeeper } from './lease-keeper.ts'

/** An unexpected error is tried again at most this often, the first time included. */
export const inboxAttempts = 5

export type DispatchOptions = {
  db: Db
  work: (row: InboxRow) => Promise<void>
  wake: () => void
  log: Logger
  concurrency: number
  drainMs: number
}

/** Works what came in and nobody finished: stored by a process that died, handed back, or to be tried again. */
export function dispatchJob({ db, work, wake, log, concurrency, drainMs }: DispatchOptions): Job {
  const keeper = createLeaseKeeper<InboxRow>((rows) => renewInbox(db, rows), inboxLeaseSeconds, log)
  const inWork = new Map<string, Promise<void>>()

  const attempt = async (row: InboxRow) => {
    try {
      if (row.attempts > inboxAttempts) throw new Error('worked five times and never finished')
      await work(row)
    } catch (error) {
      keeper.drop(row)
      await failed(row, error)
    }
  }

  const failed = async (row: InboxRow, error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error)
    const facts = { err: error, inbox: row.id, org: row.orgId, attempts: row.attempts }
    if (row.attempts < inboxAttempts) {
      log.warn(facts, 'an inbox row failed and is tried again')
      await retryInboxLater(db, row, reason)
    } else {
      log.error(facts, 'an inbox row failed for good')
      await inOrg(db, row.orgId, ({ tx }) => completeInbox(tx, row.orgId, row.id, reason))
    }
  }

  const begin = (row: InboxRow) => {
    // Ours already, and its lease ran out while this process stood still: the claim has just renewed it.
    if (inWork.has(row.id)) return
    keeper.hold(row)
    const done = attempt(row)
      .catch((error) =>
        log.error({ err: error, inbox: row.id }, 'what became of an inbox row was not stored'),
      )
      .finally(() => {
        keeper.drop(row)
        inWork.delete(row.id)
        // The sender's next one may be waiting for it.
        wake()
      })
    inWork.set(row.id, done)
  }

  return {
    name: 'dispatch',
    schedule: '* * * * * *',
    timeoutMs: 5_000,
    async run(signal) {
      for (;;) {
        const most = concurrency - inWork.size
        if (most <= 0) return
        const rows = await claimInboxHeads(db, most)
        if (signal.aborted) return releaseInbox(db, rows)
        for (const row of rows) begin(row)
        if (rows.length < most) return
      }
    },
    async drain() {
      const all = Promise.all(inWork.values())
      await Promise.race([all, delay(drainMs, undefined, { ref: false })])
      const left = keeper.held()
      keeper.stop()
      if (left.length) log.warn({ rows: left.length }, 'inbox rows are handed back unfinished')
      await releaseInbox(db, left)
    },
    inWork: () => inWork.size,
  }
}
