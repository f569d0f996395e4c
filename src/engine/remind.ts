import { remindOfUpdates } from '../core/reminders.ts'
import { type Db, inOrg } from '../db/pool.ts'
import type { Logger } from '../log.ts'
import type { Job } from './job.ts'
import { organizationIds } from './organizations.ts'

export type RemindOptions = { db: Db; log: Logger; wake: () => void }

/** Asks for an update of urgent incidents of which nothing was heard for a while. */
export function remindJob({ db, log, wake }: RemindOptions): Job {
  return {
    name: 'remind',
    schedule: '*/10 * * * * *',
    timeoutMs: 30_000,
    async run(signal) {
      const failures: unknown[] = []
      for (const orgId of await organizationIds(db)) {
        if (signal.aborted) return
        try {
          const told = await inOrg(db, orgId, remindOfUpdates)
          if (!told) continue
          log.info({ org: orgId, told }, 'asked for updates')
          wake()
        } catch (error) {
          // One organisation's trouble leaves the others asked.
          failures.push(error)
        }
      }
      if (failures.length) throw failures[0]
    },
  }
}
