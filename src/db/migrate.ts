import { Kysely, PostgresDialect } from 'kysely'
import { type MigrationProvider, Migrator } from 'kysely/migration'
import pg from 'pg'
import * as foundation from '../../migrations/0001-foundation.ts'
import * as people from '../../migrations/0002-people.ts'
import * as incidents from '../../migrations/0003-incidents.ts'
import * as audit from '../../migrations/0004-audit.ts'
import * as queues from '../../migrations/0005-queues.ts'
import * as agent from '../../migrations/0006-agent.ts'

const migrations = {
  '0001-foundation': foundation,
  '0002-people': people,
  '0003-incidents': incidents,
  '0004-audit': audit,
  '0005-queues': queues,
  '0006-agent': agent,
}

const provider: MigrationProvider = { getMigrations: async () => migrations }

/** The newest migration this program knows; `/readyz` compares the database's with it. */
export const newestMigration = Object.keys(migrations).at(-1)!

/**
 * Brings the database to the newest schema as its owner. Kysely's migrator holds an advisory lock, so several
 * replicas may start at once: one migrates, the others wait and find nothing to do.
 * @returns the names of the migrations that were applied.
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 })
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  try {
    const { error, results } = await new Migrator({ db, provider }).migrateToLatest()
    if (error) throw error
    return (results ?? []).map((result) => result.migrationName)
  } finally {
    await db.destroy()
  }
}
