import { type Kysely, sql } from 'kysely'
import { isolate } from '../src/db/isolate.ts'

/**
 * The audit log: append-only for the running program, partitioned by month with a default partition so that a
 * missing one never stops a write. Seals are the hash chain, written a few seconds behind by the engine.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // version: the incident's after this change; a click on a card that shows an older one is late.
  // transaction: rows are sealed once every transaction that might still add an earlier one has ended.
  await sql`create table audit (
    org_id uuid not null,
    id uuid not null,
    at timestamptz not null default tocsin_now(),
    recorded_at timestamptz not null default clock_timestamp(),
    transaction xid8 not null default pg_current_xact_id(),
    actor_id uuid,
    actor text not null,
    surface text not null,
    operation text not null,
    outcome text not null default 'done' check (outcome in ('done', 'denied', 'failed')),
    incident_id uuid,
    version integer,
    subject text,
    old jsonb,
    new jsonb,
    label text[] not null default '{view_incident}',
    inbox_id uuid,
    primary key (org_id, recorded_at, id)
  ) partition by range (recorded_at)`.execute(db)
  await sql`create index audit_incident on audit (org_id, incident_id, at desc)`.execute(db)
  await sql`create index audit_transaction on audit (org_id, transaction, id)`.execute(db)
  await sql`create table audit_default partition of audit default`.execute(db)
  await isolate(db, 'audit', 'select, insert')

  await sql`create table audit_seals (
    org_id uuid not null,
    sequence bigint not null,
    transaction xid8 not null,
    audit_id uuid not null,
    recorded_at timestamptz not null,
    hash bytea not null,
    sealed_at timestamptz not null default clock_timestamp(),
    primary key (org_id, sequence),
    unique (org_id, audit_id)
  )`.execute(db)
  await isolate(db, 'audit_seals', 'select, insert')

  // Partitions need the owner; the program may only ask for them.
  await sql`create function ensure_audit_partitions(months_ahead integer) returns integer
    security definer set search_path = public, pg_temp language plpgsql as $$
    declare
      month date := date_trunc('month', now())::date;
      made integer := 0;
      part text;
    begin
      for i in 0..least(months_ahead, 12) loop
        part := 'audit_' || to_char(month, 'YYYY_MM');
        if to_regclass('public.' || part) is null then
          begin
            execute format('create table %I partition of audit for values from (%L) to (%L)',
              part, month, month + interval '1 month');
            made := made + 1;
          exception when check_violation or duplicate_table then
            null; -- rows of that month already stand in the default partition
          end;
        end if;
        month := (month + interval '1 month')::date;
      end loop;
      return made;
    end $$`.execute(db)
  await sql`revoke all on function ensure_audit_partitions from public`.execute(db)
  await sql`grant execute on function ensure_audit_partitions to tocsin_engine`.execute(db)
  await sql`select ensure_audit_partitions(2)`.execute(db)
}
