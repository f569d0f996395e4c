import { type SealedHead, sealAudit } from '../core/seal-audit.ts'
import type { Db } from '../db/pool.ts'
import type { Logger } from '../log.ts'
import type { Job } from './job.ts'
import { organizationIds } from './organizations.ts'

export type SealOptions = {
  db: Db
  log: Logger
  publishAuditHead?: (head: SealedHead) => void | Promise<void>
}

/** Seals the audit log a few seconds behind, and tells the chain's head to whoever keeps it out of reach. */
export function sealJob({ db, log, publishAuditHead }: SealOptions): Job {
  const seal = async (orgId: string, signal: AbortSignal) => {
    for (let more = true; more && !signal.aborted; ) {
      const sealed = await sealAudit(db, orgId)
      if (!sealed) return
      more = sealed.more
      log.info({ org: orgId, sequence: sealed.head.sequence, hash: sealed.head.hash }, 'audit log sealed')
      await publishAuditHead?.(sealed.head)
    }
  }
  return {
    name: 'seal',
    schedule: '*/3 * * * * *',
    timeoutMs: 60_000,
    async run(signal) {
      const failures: unknown[] = []
      for (const orgId of await organizationIds(db)) {
        if (signal.aborted) return
        // One organisation's trouble leaves the others sealed.
        await seal(orgId, signal).catch((error) => failures.push(error))
      }
      if (failures.length) throw failures[0]
    },
  }
}
