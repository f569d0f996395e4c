import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely'
import pg from 'pg'
import type { Database } from './schema.ts'

export type Tx = Transaction<Database>

/**
 * The running program's two ways in. `app` works inside one organisation at a time; `engine` claims from the queues
 * of all of them. Both are roles that own nothing, set when the connection starts.
 */
export type Db = {
  app: Kysely<Database>
  engine: Kysely<Database>
  /** For LISTEN; the caller ends it. */
  connect(): pg.Client
  close(): Promise<void>
}

const { builtins } = pg.types

/** bigint columns count rows and sequences here, far below 2^53; dates stay text. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (oid === builtins.INT8) return Number
    if (oid === builtins.DATE) return (text: string) => text
    return pg.types.getTypeParser(oid, format as 'text')
  }) as pg.CustomTypesConfig['getTypeParser'],
}

export function openDb(
  url: string,
  options: { appConnections?: number; engineConnections?: number; onError?: (reason: string) => void } = {},
): Db {
  let closing = false
  const pool = (role: string, max: number) => {
    const made = new pg.Pool({
      connectionString: url,
      max,
      types,
      options: `-c role=${role}`,
      application_name: 'tocsin',
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
    })
    // An idle connection that breaks must not end the process; the next query gets a new one.
    made.on('error', (error) => {
      if (!closing) options.onError?.(error.message)
    })
    return new Kysely<Database>({ dialect: new PostgresDialect({ pool: made }) })
  }
  const app = pool('tocsin_app', options.appConnections ?? 10)
  const engine = pool('tocsin_engine', options.engineConnections ?? 4)
  return {
    app,
    engine,
    connect: () =>
      new pg.Client({ connectionString: url, application_name: 'tocsin listen', keepAlive: true }),
    close: async () => {
      closing = true
      await Promise.all([app.destroy(), engine.destroy()])
    },
  }
}

export type OrgTx = { tx: Tx; orgId: string; now: Date }

/**
 * Runs `work` in one transaction of one organisation.
 * `now` is the database's business time: what incidents, schedules and expiries go by.
 */
export async function inOrg<T>(db: Db, orgId: string, work: (scope: OrgTx) => Promise<T>): Promise<T> {
  return db.app.transaction().execute(async (tx) => {
    const { rows } = await sql<{ now: Date }>`
      select set_config('tocsin.org', ${orgId}, true), tocsin_now() as now`.execute(tx)
    return work({ tx, orgId, now: rows[0]!.now })
  })
}
