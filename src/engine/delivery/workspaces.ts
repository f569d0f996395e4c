import { type Db, inOrg } from '../../db/pool.ts'
import type { CarrierRef } from '../../ports/platform.ts'

/** A workspace's platform and its name there never change, so each is read once. */
export function workspaceCache(db: Db) {
  const known = new Map<string, CarrierRef>()
  return async (orgId: string, id: string): Promise<CarrierRef | undefined> => {
    const cached = known.get(id)
    if (cached) return cached
    const row = await inOrg(db, orgId, ({ tx }) =>
      tx
        .selectFrom('workspaces')
        .select(['platform', 'external_id'])
        .where('org_id', '=', orgId)
        .where('id', '=', id)
        .executeTakeFirst(),
    )
    if (!row) return undefined
    const workspace = { orgId, id, platform: row.platform, externalId: row.external_id }
    known.set(id, workspace)
    return workspace
  }
}
