import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely'
import pg from 'pg'
import { boundedPool, type Suspicion } from './bounded-pool.ts'
import type { Database } from './schema.ts'

export type Tx = Transaction<Database>

/**
 * The running program's two ways in. `app` works inside one organisation at a time; `engine` claims from the queues
 * of all of them. Both are roles that own nothing, set when the connection starts.
 */
export type Db = {
  app: Kysely<Database>
  engine: Kysely<Database>
  /** The engine's role, for storing what comes in while a platform waits: nothing else keeps these busy. */
  intake: Kysely<Database>
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

/** The longest that a statement takes, and a connection; milliseconds. */
const patience = { statement: 10_000, connect: 5_000 }
/** A platform that waits for an answer gives up after three seconds. */
const intakePatience = { statement: 1_500, connect: 1_000 }
/** The server gives up first, and says so: then nothing was done. */
const serverSooner = 250
/** Nothing waits inside a transaction: who does has lost its machine or its network, and holds rows that others need. */
const idleInTransaction = 5_000

export function openDb(
  url: string,
  options: {
    appConnections?: number
    engineConnections?: number
    intakeConnections?: number
    /** Milliseconds; 0 lets a transaction stand idle, for a command whose reader takes their time. */
    idleInTransaction?: number
    onError?: (reason: string) => void
  } = {},
): Db {
  let closing = false
  const suspicion: Suspicion = { before: Number.NEGATIVE_INFINITY }
  const { connectionString, settings } = withoutOptions(url)
  const idle = options.idleInTransaction ?? idleInTransaction
  const pool = (role: string, max: number, { statement, connect } = patience) => {
    const limits = `-c statement_timeout=${statement - serverSooner} -c idle_in_transaction_session_timeout=${idle}`
    const made = new pg.Pool({
      connectionString,
      max,
      types,
      options: `${settings} -c role=${role} ${limits}`,
      application_name: 'tocsin',
      connectionTimeoutMillis: connect,
      keepAlive: true,
    })
    // A connection that breaks must not end the process; the next query gets a new one. The pool hears of idle ones;
    // one that is lent breaks between two statements with nobody listening.
    made.on('error', (error) => {
      if (!closing) options.onError?.(error.message)
    })
    made.on('connect', (client) => void client.on('error', () => undefined))
    return new Kysely<Database>({
      dialect: new PostgresDialect({ pool: boundedPool(made, statement, suspicion) }),
    })
  }
  const app = pool('tocsin_app', options.appConnections ?? 10)
  const engine = pool('tocsin_engine', options.engineConnections ?? 4)
  const intake = pool('tocsin_engine', options.intakeConnections ?? 2, intakePatience)
  return {
    app,
    engine,
    intake,
    connect: () =>
      new pg.Client({ connectionString: url, application_name: 'tocsin listen', keepAlive: true }),
    close: async () => {
      closing = true
      await Promise.all([app.destroy(), engine.destroy(), intake.destroy()])
    },
  }
}

/** `?options=` in the address would take the place of ours, and the role with it: they go first, ours win. */
function withoutOptions(url: string): { connectionString: string; settings: string } {
  const address = new URL(url)
  const settings = address.searchParams.get('options')
  if (settings === null) return { connectionString: url, settings: '' }
  address.searchParams.delete('options')
  return { connectionString: address.href, settings }
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
