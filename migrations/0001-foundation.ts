import { type Kysely, sql } from 'kysely'

/**
 * The roles, the clock and the organisations. `tocsin_app` does the work of one organisation at a time (row-level
 * security, the organisation set per transaction); `tocsin_engine` claims from the queues of all organisations and
 * sees nothing else. Neither owns anything.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const role of ['tocsin_app', 'tocsin_engine']) {
    // Roles belong to the whole server: two databases on it may be migrated at the same moment, and whoever runs
    // this may have been given the roles by somebody who may create them.
    await sql`do $do$ begin
      if not exists (select from pg_roles where rolname = ${sql.lit(role)}) then
        create role ${sql.raw(role)} nologin;
      end if;
    exception when duplicate_object or unique_violation then null; end $do$`.execute(db)
    await sql`do $do$ begin
      execute format('grant %I to %I', ${sql.lit(role)}, current_user);
    exception when unique_violation or internal_error or insufficient_privilege then null; end $do$`.execute(
      db,
    )
  }
  await sql`grant usage on schema public to tocsin_app, tocsin_engine`.execute(db)

  // The readiness check compares the newest applied migration with the newest that the program knows.
  await sql`grant select on kysely_migration to tocsin_app`.execute(db)

  // Business time. The shift is zero except in tests, and only the owner can change it. Leases, signatures and
  // pacing use now() itself.
  await sql`create table clock (
    one boolean primary key default true check (one),
    shift interval not null default '0'
  )`.execute(db)
  await sql`insert into clock default values`.execute(db)
  await sql`grant select on clock to tocsin_app, tocsin_engine`.execute(db)
  await sql`create function tocsin_now() returns timestamptz stable parallel safe language sql
    as 'select now() + shift from clock'`.execute(db)
  await sql`create function tocsin_org() returns uuid stable parallel safe language sql
    as $$select nullif(current_setting('tocsin.org', true), '')::uuid$$`.execute(db)

  await sql`create table organizations (
    org_id uuid primary key,
    name text not null,
    currency text not null default 'USD' check (currency ~ '^[A-Z]{3}$'),
    settings jsonb not null default '{}',
    last_incident integer not null default 0,
    created_at timestamptz not null default now()
  )`.execute(db)

  await sql`create table workspaces (
    org_id uuid not null references organizations,
    id uuid not null,
    platform text not null check (platform in ('slack', 'teams', 'console')),
    external_id text not null,
    name text not null,
    credentials bytea,
    created_at timestamptz not null default now(),
    primary key (org_id, id),
    unique (platform, external_id)
  )`.execute(db)

  // A request names its platform's workspace before anybody knows the organisation.
  await sql`create function find_workspace(of_platform text, of_external_id text)
    returns table (org_id uuid, id uuid)
    stable security definer set search_path = public, pg_temp language sql as
    'select org_id, id from workspaces where platform = of_platform and external_id = of_external_id'
  `.execute(db)
  await sql`revoke all on function find_workspace from public`.execute(db)
  await sql`grant execute on function find_workspace to tocsin_app, tocsin_engine`.execute(db)
}
