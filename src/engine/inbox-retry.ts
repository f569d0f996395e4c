import { sql } from 'kysely'
import type { InboxRow } from '../core/inbox.ts'
import type { Db } from '../db/pool.ts'

/** Gives a failed row back for later: after 2, 4, 8, 16 s. Its lease doubles as the time before which nobody takes it. */
export async function retryInboxLater(db: Db, row: InboxRow, reason: string): Promise<void> {
  await sql`update inbox set error = ${reason}, lease_until = now() + make_interval(secs => ${2 ** row.attempts})
    where org_id = ${row.orgId} and id = ${row.id} and state = 'queued'`.execute(db.engine)
}
