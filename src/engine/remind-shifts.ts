import { tellOfGaps, tellOfShifts } from '../core/schedules/notices.ts'
import { type Db, inOrg } from '../db/pool.ts'
import type { Logger } from '../log.ts'
import type { Job } from './job.ts'
import { organizationIds } from './organizations.ts'

export type RemindShiftsOptions = { db: Db; log: Logger; wake: () => void }

/** Gaps are told days ahead: looking for them once a minute of business time is often enough. */
const gapsEveryMs = 60_000

/** Tells people that their shift begins, and team leads of the times that nobody has. */
export function remindShiftsJob({ db, log, wake }: RemindShiftsOptions): Job {
  const looked = new Map<string, number>()
  const tell = (orgId: string) =>
    inOrg(db, orgId, async (scope) => {
      const told = await tellOfShifts(scope)
      const since = scope.now.getTime() - (looked.get(orgId) ?? Number.NEGATIVE_INFINITY)
      if (since >= 0 && since < gapsEveryMs) return told
      const gaps = await tellOfGaps(scope)
      looked.set(orgId, scope.now.getTime())
      return told + gaps
    })
  return {
    name: 'remind-shifts',
    schedule: '*/5 * * * * *',
    timeoutMs: 30_000,
    async run(signal) {
      const failures: unknown[] = []
      for (const orgId of await organizationIds(db)) {
        if (signal.aborted) return
        try {
          const told = await tell(orgId)
          if (!told) continue
          log.info({ org: orgId, told }, 'told of shifts and gaps')
          wake()
        } catch (error) {
          // One organisation's trouble leaves the others told.
          looked.delete(orgId)
          failures.push(error)
        }
      }
      if (failures.length) throw failures[0]
    },
  }
}
