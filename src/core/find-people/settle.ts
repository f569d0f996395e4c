import { sql } from 'kysely'
import type { OrgTx } from '../../db/pool.ts'
import type { WorkspaceRef } from '../../ports/platform.ts'
import { pace } from './claim.ts'

export type Settled = {
  leaseId: string
  /** Asked for without success: not asked again for a while, unless what is known of them changes. */
  nobody: string[]
  /** Found, or never asked for: nothing is to be remembered. */
  over: string[]
  /** The platform wants to be left alone for so long, in milliseconds. */
  afterMs?: number
}

/** How long whom nobody was found for is left alone; business time. */
export const againAfter = '1 hour'

/** Writes down what came of the searches; one that is neither is taken up again when its lease runs out. */
export async function settleSearches(
  { tx, orgId }: OrgTx,
  workspace: WorkspaceRef,
  { leaseId, nobody, over, afterMs }: Settled,
): Promise<void> {
  if (over.length) {
    await sql`delete from person_searches where org_id = ${orgId} and workspace_id = ${workspace.id}
      and person_id = any(${over}::uuid[]) and lease_id = ${leaseId}`.execute(tx)
  }
  if (nobody.length) {
    await sql`update person_searches set again_at = tocsin_now() + ${againAfter}::interval, lease_until = '-infinity'
      where org_id = ${orgId} and workspace_id = ${workspace.id} and person_id = any(${nobody}::uuid[])
        and lease_id = ${leaseId}`.execute(tx)
  }
  if (afterMs !== undefined) {
    // One question is free then, not as many as at first.
    const seconds = afterMs / 1000 + (pace.atOnce - 1) * pace.everySeconds
    await sql`update workspaces set lookups_until = greatest(lookups_until, now() + make_interval(secs => ${seconds}))
      where org_id = ${orgId} and id = ${workspace.id}`.execute(tx)
  }
}
