import { sql } from 'kysely'
import { Client } from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DatabaseSilent } from '../../src/db/bounded-pool.ts'
import { type Db, openDb } from '../../src/db/pool.ts'
import { createDatabase } from '../support/database.ts'
import { startProxy } from './proxy.ts'

let database: Awaited<ReturnType<typeof createDatabase>>
let open: Db | undefined
beforeEach(async () => {
  database = await createDatabase()
})
afterEach(async () => {
  await open?.close()
  await database.drop()
})
const use = (url: string) => {
  open = openDb(url)
  return open
}
const setting = async (db: Db['app'], name: string): Promise<string> => {
  const { rows } = await sql<{ value: string }>`select current_setting(${name}) as value`.execute(db)
  return rows[0]!.value
}

test('options in the address do not take the place of the role', async () => {
  const url = new URL(database.url)
  url.searchParams.set('options', '-c work_mem=7MB -c role=postgres')
  const { app, engine, intake } = use(url.href)
  expect([await setting(app, 'role'), await setting(app, 'work_mem')]).toEqual(['tocsin_app', '7MB'])
  expect([await setting(engine, 'role'), await setting(intake, 'role')]).toEqual([
    'tocsin_engine',
    'tocsin_engine',
  ])
})

test('no statement takes for ever, and no transaction that nobody ends', async () => {
  const { app, intake } = use(database.url)
  expect(Number.parseInt(await setting(app, 'statement_timeout'), 10)).toBeGreaterThan(0)
  expect(await setting(app, 'idle_in_transaction_session_timeout')).toBe('5s')
  const began = performance.now()
  await expect(sql`select pg_sleep(10)`.execute(intake)).rejects.toMatchObject({ code: '57014' })
  expect(performance.now() - began).toBeLessThan(3_000)
})

test('a connection that breaks while it is lent ends its own work and nothing else', async () => {
  const { app } = use(database.url)
  const owner = new Client({ connectionString: database.url })
  await owner.connect()
  const broken = app.transaction().execute(async (tx) => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx)
    // Between two statements: nobody waits for an answer that could fail.
    await owner.query('select pg_terminate_backend($1)', [rows[0]!.pid])
    await new Promise((resolve) => setTimeout(resolve, 100))
    await sql`select 1`.execute(tx)
  })
  await expect(broken).rejects.toThrow()
  await owner.end()
  expect(await setting(app, 'role')).toBe('tocsin_app')
})

test('a silent connection is given up, and the idle ones beside it are not trusted', async () => {
  const proxy = await startProxy(database.url)
  const { app, intake } = use(proxy.url)
  await Promise.all([1, 2, 3].map(() => sql`select pg_sleep(0.1)`.execute(app)))
  await sql`select 1`.execute(intake)
  proxy.hang()
  await expect(sql`select 1`.execute(intake)).rejects.toBeInstanceOf(DatabaseSilent)
  await proxy.mend()
  const began = performance.now()
  await Promise.all([1, 2, 3].map(() => sql`select 1`.execute(app)))
  expect(performance.now() - began).toBeLessThan(5_000)
  await open!.close()
  open = undefined
  await proxy.close()
})
