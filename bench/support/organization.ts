import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Actor } from '../../src/core/actor.ts'
import { ensureOrganization } from '../../src/core/configuration/found.ts'
import type { Database } from '../../src/db/schema.ts'
import { uuid } from '../../src/db/uuid.ts'
import type { WorkspaceRef } from '../../src/ports/platform.ts'
import { query } from './database.ts'

export type Organization = { orgId: string; workspace: WorkspaceRef; actor: Actor }

/** An organisation with one workspace and one on-call engineer in it, who asks in a channel. */
export async function foundOrganization(url: string): Promise<Organization> {
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  const owner = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) })
  const orgId = await ensureOrganization(owner).finally(() => owner.destroy())
  const workspace: WorkspaceRef = { orgId, id: uuid(), platform: 'slack', externalId: 'T0BENCH' }
  const personId = uuid()
  await query(
    url,
    `insert into workspaces (org_id, id, platform, external_id, name) values ($1, $2, 'slack', $3, 'Bench')`,
    [orgId, workspace.id, workspace.externalId],
  )
  await query(
    url,
    `insert into people (org_id, id, name, department, rank) values ($1, $2, 'Ida Torres', 'IT', 'oncall_engineer')`,
    [orgId, personId],
  )
  const place = { workspace, channel: 'C0BENCH', direct: false, sharedOutside: false }
  return { orgId, workspace, actor: { orgId, personId, name: 'Ida Torres', surface: 'slack', place } }
}
