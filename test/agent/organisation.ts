/** A small organisation for the agent's tests: people by department and rank, and a way to ask as one of them. */
import { sql } from 'kysely'
import type { TurnRequest } from '../../src/agent/agent.ts'
import type { Actor, ActorPlace } from '../../src/core/actor.ts'
import { defaultDepartments, type Rank } from '../../src/core/permissions.ts'
import { type Db, inOrg, openDb } from '../../src/db/pool.ts'
import { uuid } from '../../src/db/uuid.ts'
import { perform } from '../../src/operations/perform.ts'
import { registry } from '../../src/operations/registry.ts'
import { createDatabase } from '../support/database.ts'

export type Member = { id: string; actor: Actor }

export type Organisation = {
  db: Db
  orgId: string
  workspaceId: string
  channel: ActorPlace
  direct: ActorPlace
  member(name: string, department: string | null, rank: Rank): Promise<Member>
  /** Runs an operation as somebody, as a verb would. */
  as(member: Member, operation: string, input: Record<string, unknown>): ReturnType<typeof perform>
  request(member: Member, text: string, rest?: Partial<TurnRequest>): TurnRequest
  incident(
    key: string,
  ): Promise<{ id: string; status: string; priority: string; title: string; version: number }>
  close(): Promise<void>
}

export async function createOrganisation(): Promise<Organisation> {
  const { url, drop } = await createDatabase()
  const db = openDb(url, { appConnections: 5, engineConnections: 1 })
  const orgId = uuid()
  const workspaceId = uuid()
  await inOrg(db, orgId, async ({ tx }) => {
    await tx.insertInto('organizations').values({ org_id: orgId, name: 'Test', settings: '{}' }).execute()
    await tx
      .insertInto('workspaces')
      .values({ org_id: orgId, id: workspaceId, platform: 'console', external_id: orgId, name: 'Console' })
      .execute()
    for (const department of defaultDepartments) {
      await tx
        .insertInto('departments')
        .values({ org_id: orgId, ...department })
        .execute()
    }
  })
  const workspace = { orgId, id: workspaceId, platform: 'console' as const, externalId: orgId }
  const place = (channel: string, direct: boolean) => ({ workspace, channel, direct, sharedOutside: false })
  return {
    db,
    orgId,
    workspaceId,
    channel: place('C1', false),
    direct: place('D1', true),
    async member(name, department, rank) {
      const id = uuid()
      await inOrg(db, orgId, ({ tx }) =>
        tx.insertInto('people').values({ org_id: orgId, id, name, department, rank }).execute(),
      )
      return { id, actor: { orgId, personId: id, name, surface: 'console', place: place(`D-${id}`, true) } }
    },
    as: (member, operation, input) =>
      perform(db, member.actor, registry.find((known) => known.name === operation)!, input),
    request: (member, text, rest) => ({
      actor: member.actor,
      turnId: uuid(),
      text,
      audience: 'direct',
      signal: new AbortController().signal,
      ...rest,
    }),
    incident: (key) =>
      inOrg(db, orgId, ({ tx }) =>
        tx
          .selectFrom('incidents')
          .select(['id', 'status', 'priority', 'title', 'version'])
          .where('org_id', '=', orgId)
          .where('key', '=', key)
          .executeTakeFirstOrThrow(),
      ),
    async close() {
      await db.close()
      await drop()
    },
  }
}

/** The same person in a channel where others read. */
export const inChannel = (organisation: Organisation, member: Member): Actor => ({
  ...member.actor,
  place: organisation.channel,
})

export const countOf = async (organisation: Organisation, table: 'audit' | 'comments' | 'tool_calls') => {
  const { rows } = await inOrg(organisation.db, organisation.orgId, ({ tx }) =>
    sql<{ count: number }>`select count(*) from ${sql.table(table)}`.execute(tx),
  )
  return rows[0]!.count
}
