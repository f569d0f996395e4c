import { sql } from 'kysely'
import type { Tx } from '../../db/pool.ts'

/**
 * Two people turned out to be one: whoever policies page as the former is paged as the one who stays, in the versions
 * that escalations are running too, and by later ways that still wait.
 */
export async function moveTargets(tx: Tx, orgId: string, from: string, into: string): Promise<void> {
  await sql`update policy_versions set steps = replace(steps::text, ${from}, ${into})::jsonb,
      nobody = replace(nobody::text, ${from}, ${into})::jsonb
    where org_id = ${orgId} and (steps::text like ${`%${from}%`} or nobody::text like ${`%${from}%`})`.execute(
    tx,
  )
  await sql`update deliveries set person_id = ${into}
    where org_id = ${orgId} and person_id = ${from} and state = 'waiting'`.execute(tx)
}
