import { readFileSync } from 'node:fs'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase } from '../support/database.ts'

let database: Awaited<ReturnType<typeof createDatabase>>
let client: pg.Client

beforeAll(async () => {
  database = await createDatabase()
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
})
afterAll(async () => {
  await client.end()
  await database.drop()
})

/** `src/db/schema*.ts` read as text: table, column, and whether its type lets null through. */
function declared(): Map<string, { nullable: boolean }> {
  const body = ['src/db/schema.ts', 'src/db/schema-on-call.ts', 'src/db/schema-agent.ts']
    .map((file) => /export type \w+ = \{\n {2}\w+: \{([\s\S]*?)\n\}\n/.exec(readFileSync(file, 'utf8'))![0])
    .join('')
  const found = new Map<string, { nullable: boolean }>()
  // One table a `name: {`, whether over several lines or one.
  for (const [, table, inside] of body.matchAll(/^ {2}(\w+): \{([\s\S]*?)\}$/gm)) {
    const columns = inside!.replaceAll(/<[^<>]*(<[^<>]*>)?[^<>]*>/g, (type) =>
      type.includes('| null') ? '<null>' : '',
    )
    for (const [, column, type] of columns.matchAll(/(\w+): ([^;\n]+)/g)) {
      found.set(`${table}.${column}`, { nullable: /\bnull\b|^Json\b/.test(type!) })
    }
  }
  return found
}

describe('the schema types', () => {
  test('name the tables and columns of the real database, and which may be null', async () => {
    const { rows } = await client.query<{ name: string; nullable: boolean }>(`
      select c.table_name || '.' || c.column_name as name, c.is_nullable = 'YES' as nullable
      from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
      where c.table_schema = 'public' and t.table_type = 'BASE TABLE'
        and c.table_name !~ '^(kysely_|audit_(default|\\d))'`)
    const real = Object.fromEntries(rows.map((row) => [row.name, { nullable: row.nullable }]))
    expect(Object.fromEntries(declared())).toEqual(real)
  })
})

describe('the database', () => {
  test('begins the key of every table with the organisation', async () => {
    const { rows } = await client.query<{ table: string }>(`
      select c.relname as table from pg_index i
      join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
      where n.nspname = 'public' and i.indisprimary and not c.relispartition and a.attname <> 'org_id'
        and c.relname not in ('clock', 'kysely_migration', 'kysely_migration_lock')`)
    expect(rows).toEqual([])
  })

  test('keeps every table under row-level security', async () => {
    const { rows } = await client.query<{ relname: string }>(`
      select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and relkind in ('r', 'p') and not relispartition and not relrowsecurity
        and relname not in ('clock', 'kysely_migration', 'kysely_migration_lock')`)
    expect(rows).toEqual([])
  })

  test('gives the program’s roles nothing of their own', async () => {
    const { rows } = await client.query(`
      select 1 from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname like 'tocsin\\_%'
      union all select 1 from pg_proc p join pg_roles r on r.oid = p.proowner where r.rolname like 'tocsin\\_%'
      union all select 1 from pg_roles where rolname like 'tocsin\\_%'
        and (rolsuper or rolbypassrls or rolcreatedb or rolcreaterole)`)
    expect(rows).toEqual([])
  })

  const mine = '00000000-0000-7000-8000-000000000001'
  const other = '00000000-0000-7000-8000-000000000002'

  test('shows one organisation nothing of another', async () => {
    await client.query(`insert into organizations (org_id, name) values ($1, 'mine'), ($2, 'other')`, [
      mine,
      other,
    ])
    await client.query(
      `insert into people (org_id, id, name) values ($1, gen_random_uuid(), 'Ida'), ($2, gen_random_uuid(), 'Eve')`,
      [mine, other],
    )
    await client.query('begin')
    await client.query(`set local role tocsin_app`)
    expect((await client.query('select name from people')).rows).toEqual([])
    await client.query(`select set_config('tocsin.org', $1, true)`, [mine])
    expect((await client.query('select name from people')).rows).toEqual([{ name: 'Ida' }])
    await expect(
      client.query(`insert into people (org_id, id, name) values ($1, gen_random_uuid(), 'Mallory')`, [
        other,
      ]),
    ).rejects.toThrow(/row-level security/)
    await client.query('rollback')
  })

  test.each([
    'update audit set actor = null',
    'delete from audit',
    'truncate audit',
    'update audit_seals set hash = null',
  ])('refuses the program: %s', async (statement) => {
    await client.query('begin')
    await client.query(`set local role tocsin_app`)
    await client.query(`select set_config('tocsin.org', $1, true)`, [mine])
    await expect(client.query(statement)).rejects.toThrow(/permission denied/)
    await client.query('rollback')
  })

  test('shows the engine’s role queues and nothing else', async () => {
    const { rows } = await client.query<{ table_name: string }>(`
      select distinct table_name from information_schema.role_table_grants where grantee = 'tocsin_engine'
      order by 1`)
    expect(rows.map((row) => row.table_name)).toEqual([
      'clock',
      'deliveries',
      'escalations',
      'inbox',
      'lanes',
    ])
  })
})
