/**
 * Where the bot may speak in Microsoft Teams without having been spoken to: the conversation, and the service url that
 * Microsoft named for it last. Kept from every activity, dropped when the bot is removed.
 */
import { sql } from 'kysely'
import { type Db, inOrg } from '../db/pool.ts'
import type { WorkspaceRef } from '../ports/platform.ts'

export type ConversationReference = {
  /** Of a channel without the thread. */
  conversation: string
  type: 'personal' | 'groupChat' | 'channel'
  serviceUrl: string
  /** The AAD object id of a personal chat's person. */
  user?: string
  team?: string
}

/** What the adapter is given: it sees no database. */
export type ConversationReferences = {
  /** Twice is once; a changed service url takes the place of the old one. */
  remember(workspace: WorkspaceRef, reference: ConversationReference): Promise<void>
  /** The bot was removed from one conversation, or from a team with all its channels. */
  forget(workspace: WorkspaceRef, gone: { conversation: string } | { team: string }): Promise<void>
  find(workspace: WorkspaceRef, conversation: string): Promise<ConversationReference | undefined>
  findPersonal(workspace: WorkspaceRef, user: string): Promise<ConversationReference | undefined>
  /** Those heard of last, newest first. */
  newest(
    workspace: WorkspaceRef,
    which: { most: number; types?: ConversationReference['type'][] },
  ): Promise<ConversationReference[]>
}

export const conversationReferences = (db: Db): ConversationReferences => ({
  remember: (workspace, reference) =>
    inOrg(db, workspace.orgId, async ({ tx }) => {
      const { conversation, type, serviceUrl, user, team } = reference
      await sql`
        insert into conversation_references as old
          (org_id, workspace_id, conversation, type, service_url, user_id, team_id)
        values (${workspace.orgId}, ${workspace.id}, ${conversation}, ${type}, ${serviceUrl},
          ${type === 'personal' ? (user ?? null) : null}, ${team ?? null})
        on conflict (org_id, workspace_id, conversation) do update
          set type = excluded.type, service_url = excluded.service_url, user_id = excluded.user_id,
            team_id = coalesce(excluded.team_id, old.team_id), heard_at = now()`.execute(tx)
    }),

  forget: (workspace, gone) =>
    inOrg(db, workspace.orgId, async ({ tx }) => {
      const [column, value] =
        'team' in gone ? (['team_id', gone.team] as const) : (['conversation', gone.conversation] as const)
      await tx
        .deleteFrom('conversation_references')
        .where('org_id', '=', workspace.orgId)
        .where('workspace_id', '=', workspace.id)
        .where(column, '=', value)
        .execute()
    }),

  find: (workspace, conversation) => one(db, workspace, 'conversation', conversation),
  findPersonal: (workspace, user) => one(db, workspace, 'user_id', user),
  newest: (workspace, { most, types }) =>
    inOrg(db, workspace.orgId, async ({ tx }) => {
      const rows = await tx
        .selectFrom('conversation_references')
        .select(columns)
        .where('org_id', '=', workspace.orgId)
        .where('workspace_id', '=', workspace.id)
        .$if(types !== undefined, (query) => query.where('type', 'in', types!))
        .orderBy('heard_at', 'desc')
        .limit(most)
        .execute()
      return rows.map(referenceOf)
    }),
})

const columns = ['conversation', 'type', 'service_url', 'user_id', 'team_id'] as const

type Row = {
  conversation: string
  type: ConversationReference['type']
  service_url: string
  user_id: string | null
  team_id: string | null
}

const referenceOf = (row: Row): ConversationReference => ({
  conversation: row.conversation,
  type: row.type,
  serviceUrl: row.service_url,
  ...(row.user_id && { user: row.user_id }),
  ...(row.team_id && { team: row.team_id }),
})

const one = (db: Db, workspace: WorkspaceRef, column: 'conversation' | 'user_id', value: string) =>
  inOrg(db, workspace.orgId, async ({ tx }) => {
    const row = await tx
      .selectFrom('conversation_references')
      .select(columns)
      .where('org_id', '=', workspace.orgId)
      .where('workspace_id', '=', workspace.id)
      .where(column, '=', value)
      .orderBy('heard_at', 'desc')
      .executeTakeFirst()
    return row && referenceOf(row)
  })
