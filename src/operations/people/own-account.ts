import type { Scope } from '../define.ts'

/** The asker's account in the chat in which they ask; undefined where they ask in none. */
export async function ownAccount({
  tx,
  orgId,
  actor,
}: Scope): Promise<{ workspaceId: string; user: string } | undefined> {
  const workspaceId = actor.place?.workspace.id
  if (!workspaceId) return undefined
  const account = await tx
    .selectFrom('identities')
    .select('external_id')
    .where('org_id', '=', orgId)
    .where('workspace_id', '=', workspaceId)
    .where('person_id', '=', actor.personId)
    .where('kind', '=', 'member')
    .orderBy('checked_at', 'desc')
    .executeTakeFirst()
  return account && { workspaceId, user: account.external_id }
}
