import { type Kysely, sql } from 'kysely'

/**
 * Puts a table under row-level security: `tocsin_app` sees the rows of the organisation that its transaction set,
 * with the given rights. Used by migrations alone.
 */
export async function isolate(db: Kysely<unknown>, table: string, rights: string): Promise<void> {
  const name = sql.id(table)
  await sql`alter table ${name} enable row level security`.execute(db)
  // The sub-select makes it one value a statement instead of one call a row.
  await sql`create policy of_organization on ${name} to tocsin_app
    using (org_id = (select tocsin_org())) with check (org_id = (select tocsin_org()))`.execute(db)
  await sql`grant ${sql.raw(rights)} on ${name} to tocsin_app`.execute(db)
}

/** Lets the engine's role work a queue of all organisations. */
export async function openToEngine(db: Kysely<unknown>, table: string, rights: string): Promise<void> {
  const name = sql.id(table)
  await sql`create policy of_engine on ${name} to tocsin_engine using (true) with check (true)`.execute(db)
  await sql`grant ${sql.raw(rights)} on ${name} to tocsin_engine`.execute(db)
}
