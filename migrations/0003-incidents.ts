import { type Kysely, sql } from 'kysely'
import { isolate } from '../src/db/isolate.ts'

/** Incidents and what hangs on them. Every list that people ask for by default is over open ones alone. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table incidents (
    org_id uuid not null references organizations,
    id uuid not null,
    number integer not null,
    key text not null generated always as ('INC-' || lpad(number::text, greatest(3, length(number::text)), '0')) stored,
    title text not null,
    description text,
    status text not null default 'OPEN'
      check (status in ('OPEN', 'IN_PROGRESS', 'RESOLVED', 'CLOSED', 'CANCELLED')),
    priority text not null check (priority in ('P1', 'P2', 'P3', 'P4', 'P5')),
    private boolean not null default false,
    reporter_id uuid,
    assignee_id uuid,
    team_id uuid,
    department text,
    category text,
    business_impact text,
    customers_affected integer check (customers_affected >= 0),
    merged_into uuid,
    acknowledged_at timestamptz,
    acknowledged_by uuid,
    resolved_at timestamptz,
    closed_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null default tocsin_now(),
    updated_at timestamptz not null default tocsin_now(),
    search tsvector not null generated always as
      (to_tsvector('simple', title || ' ' || coalesce(description, ''))) stored,
    primary key (org_id, id),
    unique (org_id, number),
    foreign key (org_id, reporter_id) references people (org_id, id),
    foreign key (org_id, assignee_id) references people (org_id, id),
    foreign key (org_id, acknowledged_by) references people (org_id, id),
    foreign key (org_id, team_id) references teams (org_id, id),
    foreign key (org_id, department) references departments (org_id, name),
    foreign key (org_id, category) references categories (org_id, name),
    foreign key (org_id, merged_into) references incidents (org_id, id)
  )`.execute(db)
  await sql`create index incidents_open on incidents (org_id, priority, created_at desc, id)
    where status in ('OPEN', 'IN_PROGRESS')`.execute(db)
  await sql`create index incidents_live on incidents (org_id, number desc)
    where status in ('OPEN', 'IN_PROGRESS', 'RESOLVED')`.execute(db)
  await sql`create index incidents_by_status on incidents (org_id, status, number desc)`.execute(db)
  await sql`create index incidents_by_team on incidents (org_id, team_id, number desc)`.execute(db)
  await sql`create index incidents_by_priority on incidents (org_id, priority, number desc)`.execute(db)
  await sql`create index incidents_assignee on incidents (org_id, assignee_id)
    where status in ('OPEN', 'IN_PROGRESS', 'RESOLVED')`.execute(db)
  await sql`create index incidents_search on incidents using gin (search)`.execute(db)

  await sql`create table incident_roles (
    org_id uuid not null,
    incident_id uuid not null,
    role text not null check (role in ('commander', 'communications', 'scribe')),
    person_id uuid not null,
    primary key (org_id, incident_id, role),
    foreign key (org_id, incident_id) references incidents (org_id, id),
    foreign key (org_id, person_id) references people (org_id, id)
  )`.execute(db)
  await sql`create index incident_roles_person on incident_roles (org_id, person_id)`.execute(db)

  await sql`create table incident_people (
    org_id uuid not null,
    incident_id uuid not null,
    person_id uuid not null,
    relation text not null check (relation in ('paged', 'invited', 'follower')),
    at timestamptz not null default tocsin_now(),
    primary key (org_id, incident_id, person_id, relation),
    foreign key (org_id, incident_id) references incidents (org_id, id),
    foreign key (org_id, person_id) references people (org_id, id)
  )`.execute(db)
  await sql`create index incident_people_person on incident_people (org_id, person_id, relation)`.execute(db)

  await sql`create table incident_services (
    org_id uuid not null,
    incident_id uuid not null,
    service_id uuid not null,
    primary key (org_id, incident_id, service_id),
    foreign key (org_id, incident_id) references incidents (org_id, id),
    foreign key (org_id, service_id) references services (org_id, id)
  )`.execute(db)

  await sql`create table incident_customers (
    org_id uuid not null,
    incident_id uuid not null,
    customer_id uuid not null,
    primary key (org_id, incident_id, customer_id),
    foreign key (org_id, incident_id) references incidents (org_id, id),
    foreign key (org_id, customer_id) references customers (org_id, id)
  )`.execute(db)

  await sql`create table comments (
    org_id uuid not null,
    id uuid not null,
    incident_id uuid not null,
    author_id uuid,
    visibility text not null check (visibility in ('public', 'internal')),
    body text not null,
    created_at timestamptz not null default tocsin_now(),
    primary key (org_id, id),
    foreign key (org_id, incident_id) references incidents (org_id, id),
    foreign key (org_id, author_id) references people (org_id, id)
  )`.execute(db)
  await sql`create index comments_incident on comments (org_id, incident_id, created_at)`.execute(db)

  // Money that an incident has cost (direct) or may cost (penalty), in the organisation's currency.
  await sql`create table spendings (
    org_id uuid not null,
    id uuid not null,
    incident_id uuid not null,
    kind text not null check (kind in ('direct', 'penalty')),
    amount numeric(16, 2) not null check (amount > 0),
    what text not null,
    recorded_by uuid,
    created_at timestamptz not null default tocsin_now(),
    primary key (org_id, id),
    foreign key (org_id, incident_id) references incidents (org_id, id),
    foreign key (org_id, recorded_by) references people (org_id, id)
  )`.execute(db)
  await sql`create index spendings_incident on spendings (org_id, incident_id)`.execute(db)

  await isolate(db, 'incidents', 'select, insert, update')
  await isolate(db, 'incident_roles', 'select, insert, update, delete')
  await isolate(db, 'incident_people', 'select, insert, update, delete')
  await isolate(db, 'incident_services', 'select, insert, delete')
  await isolate(db, 'incident_customers', 'select, insert, delete')
  await isolate(db, 'comments', 'select, insert, update')
  await isolate(db, 'spendings', 'select, insert')

  // Row-level security keeps Postgres from using the full-text index (its operator is not leakproof: 100 times
  // slower when tried), so the search runs as the owner with the organisation's predicate of its own. Of the newest
  // 500 hits the best come first: ranking all of them took 400 ms where every tenth of a million incidents was one.
  // `execute` plans for these very words, so that rare ones come from the full-text index and common ones from the
  // newest incidents.
  await sql`create function search_incidents(words text, most integer)
    returns table (id uuid, rank real)
    stable security definer set search_path = public, pg_temp language plpgsql as $$
    begin
      return query execute
        'select id, ts_rank(search, $1) from (
           select id, number, search from incidents where org_id = $2 and search @@ $1
           order by number desc limit 500) newest
         order by 2 desc, number desc limit $3'
        using websearch_to_tsquery('simple', words), tocsin_org(), most;
    end $$`.execute(db)
  await sql`revoke all on function search_incidents from public`.execute(db)
  await sql`grant execute on function search_incidents to tocsin_app`.execute(db)
}
