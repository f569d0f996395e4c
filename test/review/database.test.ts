/** The database's own walls, tried by whoever could run SQL as the program does. */
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatabase } from '../support/database.ts'

let url: string
let drop: () => Promise<void>
let owner: pg.Client
beforeAll(async () => {
  ;({ url, drop } = await createDatabase())
  owner = new pg.Client({ connectionString: url })
  await owner.connect()
})
afterAll(async () => {
  await owner.end()
  await drop()
})

test('a function that runs as the owner reads no table that its caller put in the way', async () => {
  const { rows } = await owner.query<{ name: string; settings: string[] | null }>(
    `select proname as name, proconfig as settings from pg_proc
     where prosecdef and pronamespace = 'public'::regnamespace`,
  )
  expect(rows.length).toBeGreaterThan(2)
  // Temporary tables come first unless the path names them last: postgresql.org/docs, "Writing SECURITY DEFINER".
  expect(rows.filter(({ settings }) => !settings?.includes('search_path=public, pg_temp'))).toEqual([])

  const app = new pg.Client({ connectionString: url, options: '-c role=tocsin_app' })
  await app.connect()
  try {
    await app.query(
      `create temporary table workspaces (org_id uuid, id uuid, platform text, external_id text)`,
    )
    await app.query(`insert into workspaces values (gen_random_uuid(), gen_random_uuid(), 'slack', 'T1')`)
    expect((await app.query(`select * from find_workspace('slack', 'T1')`)).rows).toEqual([])
  } finally {
    await app.end()
  }
})

test('every table of an organisation is behind row-level security', async () => {
  const { rows } = await owner.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id'
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and not c.relrowsecurity`,
  )
  expect(rows).toEqual([])
  // A partition has policies of its own: it is reached through its parent alone.
  const { rows: open } = await owner.query<{ name: string }>(
    `select c.relname as name from pg_class c, unnest(array['tocsin_app', 'tocsin_engine']) role
     where c.relispartition and c.relkind = 'r'
       and has_table_privilege(role, c.oid, 'select, insert, update, delete')`,
  )
  expect(open).toEqual([])
})
