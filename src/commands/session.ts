import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { type Config, ConfigError, readEnvironment } from '../config.ts'
import { AlreadyRunning, startEmbedded } from '../db/embedded.ts'
import { migrate, newestMigration } from '../db/migrate.ts'
import { type Db, openDb } from '../db/pool.ts'
import type { Database } from '../db/schema.ts'
import { isTocsinError, unavailable } from '../errors.ts'
import { createLogger } from '../log.ts'

export type Session = {
  config: Config
  env: NodeJS.ProcessEnv
  ownerUrl: string
  owner: Kysely<Database>
  db: Db
}

/**
 * Runs a command against the database of this environment: DATABASE_URL, else the embedded server, started or adopted
 * and stopped again; while Tocsin runs on it, it says so. Sets the exit code: what `work` returns, 2 for what the
 * operator can put right, 1 for the rest.
 */
export async function command(work: (session: Session) => Promise<number>): Promise<void> {
  try {
    const { config, env } = readEnvironment()
    const embedded = config.databaseUrl
      ? undefined
      : await startEmbedded({ dataDir: config.dataDir, log: createLogger('silent') })
    try {
      process.exitCode = await inSession(config, env, config.databaseUrl ?? embedded!.url, work)
    } finally {
      await embedded?.stop()
    }
  } catch (error) {
    const known = error instanceof ConfigError || error instanceof AlreadyRunning || isTocsinError(error)
    process.stderr.write(`${(error as Error).message}\n`)
    process.exitCode = known ? 2 : 1
  }
}

async function inSession(
  config: Config,
  env: NodeJS.ProcessEnv,
  ownerUrl: string,
  work: (session: Session) => Promise<number>,
): Promise<number> {
  const pool = new pg.Pool({ connectionString: ownerUrl, max: 2 })
  pool.on('error', () => undefined)
  const owner = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) })
  const db = openDb(config.databaseAppUrl ?? ownerUrl, {
    appConnections: 2,
    engineConnections: 1,
    idleInTransaction: 0,
  })
  try {
    return await work({ config, env, ownerUrl, owner, db })
  } finally {
    await db.close()
    await owner.destroy()
  }
}

/** The embedded database is brought up to date; one that others may use is only looked at. */
export async function requireSchema({ config, ownerUrl, owner }: Session): Promise<void> {
  if (!config.databaseUrl) {
    await migrate(ownerUrl)
    return
  }
  const { rows: table } = await sql<{ there: boolean }>`
    select to_regclass('kysely_migration') is not null as there`.execute(owner)
  const { rows } = table[0]!.there
    ? await sql<{ name: string }>`select max(name) as name from kysely_migration`.execute(owner)
    : { rows: [] }
  if (rows[0]?.name === newestMigration) return
  throw unavailable(
    `The database's schema is ${rows[0]?.name ?? 'empty'}, this program needs ${newestMigration}: run npm run migrate.`,
  )
}

export const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}
