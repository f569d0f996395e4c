import { type RawBuilder, sql } from 'kysely'
import { type Db, inOrg } from '../db/pool.ts'
import type { Logger } from '../log.ts'
import type { Job } from './job.ts'
import { organizationIds } from './organizations.ts'

/** So many rows a statement: no lock is held for long. */
const batch = 1_000

/** Partitions ahead of time; what has been over for long goes. */
export function maintainJob({ db, log }: { db: Db; log: Logger }): Job {
  return {
    name: 'maintain',
    schedule: '0 * * * * *',
    timeoutMs: 50_000,
    async run(signal) {
      await sql`select ensure_audit_partitions(2)`.execute(db.engine)
      const inbox = await inBatches(signal, () => clearInbox(db))
      const deliveries = await inBatches(signal, () => clearDeliveries(db, over))
      const deadLetters = await inBatches(signal, () => clearDeliveries(db, dead))
      let linkCodes = 0
      for (const orgId of await organizationIds(db)) {
        if (signal.aborted) break
        linkCodes += await clearLinkCodes(db, orgId)
      }
      const cleared = { inbox, deliveries, deadLetters, linkCodes }
      if (Object.values(cleared).some(Boolean)) log.info(cleared, 'cleared')
    },
  }
}

async function inBatches(signal: AbortSignal, clear: () => Promise<number>): Promise<number> {
  let cleared = 0
  for (let last = batch; last === batch && !signal.aborted; ) {
    last = await clear()
    cleared += last
  }
  return cleared
}

async function clearInbox(db: Db): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from inbox where (org_id, id) in (
      select org_id, id from inbox where state <> 'queued' and done_at < now() - interval '7 days'
      order by done_at limit ${batch} for update skip locked)`.execute(db.engine)
  return Number(numAffectedRows ?? 0)
}

/** The states are spelt as the partial indexes have them. */
async function clearDeliveries(db: Db, states: RawBuilder<unknown>): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from deliveries where (org_id, id) in (
      select org_id, id from deliveries where ${states} and settled_at < now() - interval '30 days'
      order by settled_at limit ${batch} for update skip locked)`.execute(db.engine)
  return Number(numAffectedRows ?? 0)
}

const over = sql`state in ('sent', 'withdrawn')`
const dead = sql`state = 'dead'`

async function clearLinkCodes(db: Db, orgId: string): Promise<number> {
  const { numDeletedRows } = await inOrg(db, orgId, ({ tx, now }) =>
    tx.deleteFrom('link_codes').where('org_id', '=', orgId).where('expires_at', '<', now).executeTakeFirst(),
  )
  return Number(numDeletedRows)
}
