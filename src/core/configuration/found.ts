import { type Kysely, sql } from 'kysely'
import type { Database } from '../../db/schema.ts'
import { uuid } from '../../db/uuid.ts'
import { defaultDepartments } from '../permissions.ts'
import type { Configuration } from './schema.ts'

/**
 * The one organisation that the configured workspaces belong to, founded with the four departments when there is none
 * yet. Over the owner's connection: the program's own role sees no organisation that it was not given. Organisations
 * that were founded by an installation are never taken for it.
 * @param sample for a console without a workspace: while nothing real was ever configured, the sample organisation,
 *   which is one of its own, so that no invented person ever meets a real workspace.
 * @returns its id; twice, and from several replicas at once, the same.
 */
export async function ensureOrganization(
  owner: Kysely<Database>,
  configuration?: Pick<Configuration, 'organization' | 'currency'>,
  sample = false,
): Promise<string> {
  return owner.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended('tocsin organization', 0))`.execute(tx)
    const { rows } = await sql<{ org_id: string }>`
      select org_id from organizations
      where settings ->> 'configured' = 'true' or (${sample} and settings ->> 'sample' = 'true')
      order by settings ->> 'configured' = 'true' desc nulls last, created_at limit 1`.execute(tx)
    const orgId = rows[0]?.org_id ?? uuid()
    if (!rows.length) {
      await tx
        .insertInto('organizations')
        .values({
          org_id: orgId,
          name: configuration?.organization ?? (sample ? 'Sample organisation' : 'Our organisation'),
          currency: configuration?.currency ?? 'USD',
          settings: JSON.stringify(sample ? { sample: true } : { configured: true }),
        })
        .execute()
    }
    await ensureDepartments(tx, orgId)
    return orgId
  })
}

/** The four default departments as this version of the program has them; the file cannot redefine them. */
export async function ensureDepartments(tx: Kysely<Database>, orgId: string): Promise<void> {
  await tx
    .insertInto('departments')
    .values(defaultDepartments.map((department) => ({ org_id: orgId, ...department })))
    .onConflict((oc) =>
      oc.columns(['org_id', 'name']).doUpdateSet((eb) => ({
        persona: eb.ref('excluded.persona'),
        permissions: eb.ref('excluded.permissions'),
      })),
    )
    .execute()
}
