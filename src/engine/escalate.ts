import { claimDue, type DueEscalation, promoteLater, releaseDue } from '../core/escalation/claim.ts'
import { takeDue } from '../core/escalation/take.ts'
import { type Db, inOrg } from '../db/pool.ts'
import type { Logger } from '../log.ts'
import type { Job } from './job.ts'

export type EscalateOptions = {
  db: Db
  log: Logger
  /** What was written is to be delivered. */
  wakeDeliver: () => void
  /** Told of every step that was taken: how long after it was due, in seconds. */
  onStep?: (latenessSeconds: number) => void
}

/** Leased together; a look goes on until nothing is left. */
const claimAtOnce = 200
/** Worked in one transaction: few enough that whoever acknowledges one of them waits a moment only. */
const stepsAtOnce = 20
const transactionsAtOnce = 3
/** What somebody was changing at that moment is tried again this soon. */
const againMs = 50

/** Takes escalation steps that are due, and lets later ways to people into the outbox's line. */
export function escalateJob({ db, log, wakeDeliver, onStep }: EscalateOptions): Job {
  const work = async (leaseId: string, batch: DueEscalation[]): Promise<DueEscalation[]> => {
    const orgId = batch[0]!.orgId
    try {
      const { left, steps } = await inOrg(db, orgId, (scope) =>
        takeDue(
          scope,
          leaseId,
          batch.map(({ id }) => id),
        ),
      )
      wakeDeliver()
      for (const { latenessSeconds } of steps) onStep?.(latenessSeconds)
      return batch.filter(({ id }) => left.includes(id))
    } catch (error) {
      // One that cannot be taken keeps no other waiting; it comes again when its lease is over.
      if (batch.length > 1) return (await Promise.all(batch.map((each) => work(leaseId, [each])))).flat()
      log.error({ err: error, escalation: batch[0]!.id, org: orgId }, 'an escalation step failed')
      return []
    }
  }

  return {
    name: 'escalate',
    schedule: '* * * * * *',
    timeoutMs: 30_000,
    async run(signal) {
      for (;;) {
        while (!signal.aborted && (await promoteLater(db))) wakeDeliver()
        const { leaseId, due } = await claimDue(db, claimAtOnce)
        if (signal.aborted) return releaseDue(db, leaseId, due)
        if (!due.length) return
        const batches = batchesOf(due)
        const left: DueEscalation[] = []
        const worker = async () => {
          for (let batch = batches.shift(); batch; batch = batches.shift()) {
            left.push(...(signal.aborted ? batch : await work(leaseId, batch)))
          }
        }
        await Promise.all(Array.from({ length: transactionsAtOnce }, worker))
        await releaseDue(db, leaseId, left)
        if (left.length === due.length) await new Promise((resolve) => setTimeout(resolve, againMs))
      }
    },
  }
}

/** Of one organisation each. */
function batchesOf(due: DueEscalation[]): DueEscalation[][] {
  return [...Map.groupBy(due, ({ orgId }) => orgId).values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / stepsAtOnce) }, (_, index) =>
      group.slice(index * stepsAtOnce, (index + 1) * stepsAtOnce),
    ),
  )
}
