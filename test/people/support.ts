import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import type { Actor } from '../../src/core/actor.ts'
import { applyConfiguration, planConfiguration } from '../../src/core/configuration/apply.ts'
import { ensureOrganization } from '../../src/core/configuration/found.ts'
import { parseConfiguration } from '../../src/core/configuration/parse.ts'
import { identify } from '../../src/core/identities.ts'
import type { Rank } from '../../src/core/permissions.ts'
import { webhookSecrets } from '../../src/core/webhooks/webhook.ts'
import { inOrg, openDb } from '../../src/db/pool.ts'
import type { Database } from '../../src/db/schema.ts'
import { uuid } from '../../src/db/uuid.ts'
import { sealingFor } from '../../src/encryption.ts'
import type { AnyOperation } from '../../src/operations/define.ts'
import { perform } from '../../src/operations/perform.ts'
import type { PlatformName, Profile, WorkspaceRef } from '../../src/ports/platform.ts'
import { createDatabase } from '../support/database.ts'

export const sealing = sealingFor('a-secret-for-tests-alone', webhookSecrets)

export type World = Awaited<ReturnType<typeof createWorld>>

/** An organisation with a Slack and a Teams workspace in a database of its own. */
export async function createWorld({ sample = false } = {}) {
  const { url, drop } = await createDatabase()
  const pool = new pg.Pool({ connectionString: url, max: 2 })
  // The database is dropped while its connections are still closing.
  pool.on('error', () => undefined)
  const owner = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) })
  const db = openDb(url)
  const orgId = await ensureOrganization(owner, undefined, sample)
  const workspace = async (platform: PlatformName, externalId: string): Promise<WorkspaceRef> => {
    const id = uuid()
    await owner
      .insertInto('workspaces')
      .values({ org_id: orgId, id, platform, external_id: externalId, name: externalId, credentials: null })
      .execute()
    return { orgId, id, platform, externalId }
  }
  const slack = await workspace('slack', 'T1')
  const teams = await workspace('teams', 'tenant')

  const within = <T>(work: Parameters<typeof inOrg<T>>[2]) => inOrg(db, orgId, work)
  let profileCalls = 0
  const arrive = (
    at: WorkspaceRef,
    user: string,
    profile: Partial<Profile> = {},
    adminEmails: string[] = [],
  ) =>
    identify(
      db,
      at,
      user,
      async () => {
        profileCalls += 1
        return { user, name: user, kind: 'member', ...profile }
      },
      { adminEmails },
    )
  return {
    url,
    db,
    owner,
    orgId,
    slack,
    teams,
    within,
    arrive,
    workspace,
    profileCalls: () => profileCalls,
    /** Moves business time. */
    later: (interval: string) =>
      sql`update clock set shift = shift + ${interval}::interval`.execute(owner).then(() => undefined),
    async person(
      name: string,
      set: { rank?: Rank; department?: string; admin?: boolean; email?: string; teams?: string[] } = {},
    ) {
      const { teams: teamIds = [], ...columns } = set
      const id = uuid()
      await owner
        .insertInto('people')
        .values({
          org_id: orgId,
          id,
          name,
          email: null,
          phone: null,
          time_zone: null,
          department: null,
          deactivated_by: null,
          ...columns,
        })
        .execute()
      for (const team_id of teamIds) {
        await owner.insertInto('team_members').values({ org_id: orgId, team_id, person_id: id }).execute()
      }
      return id
    },
    async team(name: string) {
      const id = uuid()
      await owner.insertInto('teams').values({ org_id: orgId, id, name }).execute()
      return id
    },
    row: (id: string) =>
      owner.selectFrom('people').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),
    audit: () => owner.selectFrom('audit').selectAll().orderBy('recorded_at').execute(),
    plan: (yaml: string) =>
      within(({ tx }) => planConfiguration(tx, orgId, parseConfiguration(yaml, {}), sealing)),
    apply: (yaml: string) =>
      within(({ tx }) => applyConfiguration(tx, orgId, parseConfiguration(yaml, {}), sealing)),
    /** Performs as somebody in their own conversation and gives the answer's words. */
    async as(personId: string, operation: AnyOperation, input: object = {}, at = slack, direct = true) {
      const actor: Actor = {
        orgId,
        personId,
        name: 'Actor',
        surface: at.platform,
        place: { workspace: at, channel: direct ? 'D1' : 'C1', direct, sharedOutside: false },
      }
      const outcome = await perform(db, actor, operation, input)
      return outcome!.parts
        .map((part) => {
          if (part.kind === 'sentence') return part.text
          if (part.kind === 'lines') return [part.title, ...part.lines].join('\n')
          if (part.kind === 'facts') return part.facts.map((fact) => `${fact.name}: ${fact.value}`).join('\n')
          return part.kind === 'document' ? part.text : part.kind
        })
        .join('\n')
    },
    async close() {
      await db.close()
      await owner.destroy()
      await drop()
    },
  }
}

export const trusting = 'email_domains: [example.com]\n'
