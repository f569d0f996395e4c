import { Kysely, PostgresDialect, sql } from 'kysely'
import { type MigrationProvider, Migrator } from 'kysely/migration'
import pg from 'pg'
import * as foundation from '../../migrations/0001-foundation.ts'
import * as people from '../../migrations/0002-people.ts'
import * as incidents from '../../migrations/0003-incidents.ts'
import * as audit from '../../migrations/0004-audit.ts'
import * as queues from '../../migrations/0005-queues.ts'
import * as agent from '../../migrations/0006-agent.ts'
import * as schedules from '../../migrations/0007-schedules.ts'
import * as escalation from '../../migrations/0008-escalation.ts'
import * as findPeople from '../../migrations/0009-find-people.ts'
import * as teams from '../../migrations/0010-teams.ts'
import * as incidentChannels from '../../migrations/0011-incident-channels.ts'
import { unavailable } from '../errors.ts'

const migrations = {
  '0001-foundation': foundation,
  '0002-people': people,
  '0003-incidents': incidents,
  '0004-audit': audit,
  '0005-queues': queues,
  '0006-agent': agent,
  '0007-schedules': schedules,
  '0008-escalation': escalation,
  '0009-find-people': findPeople,
  '0010-teams': teams,
  '0011-incident-channels': incidentChannels,
}

const provider: MigrationProvider = { getMigrations: async () => migrations }

/** The newest migration this program knows; `/readyz` compares the database's with it. */
export const newestMigration = Object.keys(migrations).at(-1)!

/**
 * Brings the database to the newest schema as its owner. Kysely's migrator holds an advisory lock, so several
 * replicas may start at once: one migrates, the others wait and find nothing to do.
 * @returns the names of the migrations that were applied.
 * @throws TocsinError unavailable when the database cannot be reached, or a newer program has changed it.
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1, connectionTimeoutMillis: 10_000 })
  // An error event that nobody hears would end the process with a dump instead of a sentence.
  pool.on('error', () => undefined).on('connect', (client) => void client.on('error', () => undefined))
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  try {
    await refuseNewer(db)
    const { error, results } = await new Migrator({ db, provider }).migrateToLatest()
    if (error) throw error
    return (results ?? []).map((result) => result.migrationName)
  } finally {
    await db.destroy()
  }
}

async function refuseNewer(db: Kysely<unknown>): Promise<void> {
  const { rows: found } = await sql<{ there: boolean }>`
    select to_regclass('kysely_migration') is not null as there`
    .execute(db)
    .catch((error: Error & { code?: string }) => {
      // Where a name has several addresses, the reason is in the code alone.
      throw unavailable(`The database at DATABASE_URL cannot be used: ${error.message || error.code}.`)
    })
  if (!found[0]!.there) return
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)
  const unknown = rows.filter(({ name }) => !(name in migrations)).map(({ name }) => name)
  if (!unknown.length) return
  throw unavailable(
    `The database is newer than this program: it has ${unknown.join(', ')}, and this program knows up to ` +
      `${newestMigration}. Start the version that changed it.`,
  )
}
