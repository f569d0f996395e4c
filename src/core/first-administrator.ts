import { sql } from 'kysely'
import type { OrgTx } from '../db/pool.ts'
import type { Profile, WorkspaceRef } from '../ports/platform.ts'
import { writeAudit } from './audit.ts'
import { hasAdministrator } from './people.ts'

/**
 * The workspace's owner, while the organisation has no administrator; an address in ADMIN_EMAILS, when it is first
 * seen or there is none, so that a mark taken away does not come back by itself.
 */
export async function makeFirstAdministrator(
  scope: OrgTx,
  workspace: WorkspaceRef,
  personId: string,
  profile: Profile,
  adminEmails: string[],
  newAccount: boolean,
): Promise<void> {
  const { tx, orgId, now } = scope
  const listed = profile.email !== undefined && adminEmails.includes(profile.email)
  if (!listed && !profile.owner) return
  const person = await tx
    .selectFrom('people')
    .select(['name', 'admin', 'active', 'file_fields'])
    .where('org_id', '=', orgId)
    .where('id', '=', personId)
    .forUpdate()
    .executeTakeFirst()
  if (!person || person.admin || !person.active || person.file_fields.includes('admin')) return
  const firstSeen = newAccount && !(await seenElsewhere(scope, workspace, personId, profile))
  if (!(listed && firstSeen) && (await hasAdministrator(tx, orgId))) return
  await tx
    .updateTable('people')
    .set({ admin: true })
    .where('org_id', '=', orgId)
    .where('id', '=', personId)
    .execute()
  const why = listed ? 'ADMIN_EMAILS' : `owner of the ${workspace.platform} workspace`
  await writeAudit(
    tx,
    { orgId, name: 'first administrator', surface: workspace.platform },
    {
      operation: 'set_administrator',
      subject: person.name,
      old: { administrator: false },
      new: { administrator: true, because: why },
      label: ['view_audit'],
    },
    now,
  )
}

/** Another account of the same person, or of the same address: a new workspace makes nobody new. */
async function seenElsewhere(
  { tx, orgId }: OrgTx,
  workspace: WorkspaceRef,
  personId: string,
  { user, email }: Profile,
): Promise<boolean> {
  const { rows } = await sql<{ seen: boolean }>`
    select exists (select from identities where org_id = ${orgId}
      and (person_id = ${personId} or email = ${email ?? null})
      and (workspace_id <> ${workspace.id} or external_id <> ${user})) as seen`.execute(tx)
  return rows[0]!.seen
}
