import { type Kysely, sql } from 'kysely'
import { isolate } from '../src/db/isolate.ts'

/** On-call schedules: their layers and overrides, calendar links, and what people were told of shifts and gaps. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table schedules (
    org_id uuid not null references organizations,
    id uuid not null,
    name text not null,
    team_id uuid,
    time_zone text not null,
    from_file boolean not null default false,
    created_at timestamptz not null default tocsin_now(),
    primary key (org_id, id),
    foreign key (org_id, team_id) references teams (org_id, id) on delete set null (team_id)
  )`.execute(db)
  await sql`create unique index schedules_name on schedules (org_id, lower(name))`.execute(db)
  await sql`create index schedules_team on schedules (org_id, team_id)`.execute(db)

  // Layers, the last one that has somebody winning. Local dates and times as people write them: what instants they
  // are is the zone's to say, and zones change their rules.
  await sql`create table rotations (
    org_id uuid not null,
    schedule_id uuid not null,
    position integer not null,
    starts_on date not null,
    rotation text not null check (rotation ~ '^(daily|weekly|[1-9][0-9]{0,2}d)$'),
    handoff text not null check (handoff ~ '^((Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?[0-2][0-9]:[0-5][0-9]$'),
    hours text check (hours ~ '^[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$'),
    people uuid[] not null check (cardinality(people) > 0),
    primary key (org_id, schedule_id, position),
    foreign key (org_id, schedule_id) references schedules (org_id, id) on delete cascade
  )`.execute(db)

  await sql`create table overrides (
    org_id uuid not null,
    id uuid not null,
    schedule_id uuid not null,
    person_id uuid not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null check (ends_at > starts_at),
    from_file boolean not null default false,
    created_by uuid,
    created_at timestamptz not null default clock_timestamp(),
    primary key (org_id, id),
    foreign key (org_id, schedule_id) references schedules (org_id, id) on delete cascade,
    foreign key (org_id, person_id) references people (org_id, id)
  )`.execute(db)
  await sql`create index overrides_schedule on overrides (org_id, schedule_id, ends_at)`.execute(db)

  // schedule_id null: the owner's own shifts in every schedule. The token itself is stored nowhere.
  await sql`create table calendar_tokens (
    org_id uuid not null,
    token_hash bytea not null,
    person_id uuid not null,
    schedule_id uuid,
    created_at timestamptz not null default clock_timestamp(),
    primary key (org_id, token_hash),
    foreign key (org_id, person_id) references people (org_id, id),
    foreign key (org_id, schedule_id) references schedules (org_id, id) on delete cascade
  )`.execute(db)
  await sql`create unique index calendar_tokens_owner
    on calendar_tokens (org_id, person_id, schedule_id) nulls not distinct`.execute(db)
  await sql`create unique index calendar_tokens_hash on calendar_tokens (token_hash)`.execute(db)

  // Whoever fetches a calendar brings its token alone: this says whose organisation it is.
  await sql`create function find_calendar(of_hash bytea) returns table (org_id uuid)
    stable security definer set search_path = public, pg_temp language sql as
    'select org_id from calendar_tokens where token_hash = of_hash'`.execute(db)
  await sql`revoke all on function find_calendar from public`.execute(db)
  await sql`grant execute on function find_calendar to tocsin_app`.execute(db)

  // Who was told of which shift's start or which gap: the row is the claim, so that each is told once.
  await sql`create table schedule_notices (
    org_id uuid not null,
    schedule_id uuid not null,
    kind text not null check (kind in ('shift', 'gap')),
    starts_at timestamptz not null,
    person_id uuid not null,
    told_at timestamptz not null default tocsin_now(),
    primary key (org_id, schedule_id, kind, starts_at, person_id),
    foreign key (org_id, schedule_id) references schedules (org_id, id) on delete cascade,
    foreign key (org_id, person_id) references people (org_id, id)
  )`.execute(db)

  for (const table of ['schedules', 'rotations', 'overrides', 'calendar_tokens', 'schedule_notices']) {
    await isolate(db, table, 'select, insert, update, delete')
  }
}
