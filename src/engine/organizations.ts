import type { Db } from '../db/pool.ts'

/** Every organisation's id: all that the engine's role may know of them. */
export async function organizationIds(db: Db): Promise<string[]> {
  const rows = await db.engine.selectFrom('organizations').select('org_id').orderBy('org_id').execute()
  return rows.map((row) => row.org_id)
}
