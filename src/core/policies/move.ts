import { sql } from 'kysely'
import type { Tx } from '../../db/pool.ts'

/**
 * Two people turned out to be one: whoever policies page as the former is paged as the one who stays, in the versions
 * that escalations are running too. Open pages are theirs to answer, and of those that they sent they hear.
 */
export async function moveTargets(tx: Tx, orgId: string, from: string, into: string): Promise<void> {
  await sql`update policy_versions set steps = replace(steps::text, ${from}, ${into})::jsonb,
      nobody = replace(nobody::text, ${from}, ${into})::jsonb
    where org_id = ${orgId} and (steps::text like ${`%${from}%`} or nobody::text like ${`%${from}%`})`.execute(
    tx,
  )
  const open = sql`select id from pages where org_id = ${orgId} and closed_at is null`
  await sql`update deliveries set person_id = ${into}
    where org_id = ${orgId} and page_id in (${open}) and person_id = ${from}`.execute(tx)
  await sql`update pages set sender_id = ${into}
    where org_id = ${orgId} and closed_at is null and sender_id = ${from}`.execute(tx)
}
