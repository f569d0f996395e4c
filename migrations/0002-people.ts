import { type Kysely, sql } from 'kysely'
import { isolate } from '../src/db/isolate.ts'

/** Organisations under isolation; people, their chat identities, departments, teams, the catalogue. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table departments (
    org_id uuid not null references organizations,
    name text not null,
    persona text not null check (persona in ('InfraBot', 'BizBot', 'MarketBot', 'InfoBot')),
    permissions text[] not null,
    primary key (org_id, name)
  )`.execute(db)

  // file_fields: what the configuration file sets, and verbs therefore refuse to change.
  await sql`create table people (
    org_id uuid not null references organizations,
    id uuid not null,
    name text not null,
    email text,
    phone text,
    time_zone text,
    department text,
    rank text not null default 'user'
      check (rank in ('viewer', 'user', 'oncall_engineer', 'team_lead', 'manager', 'vp', 'cto')),
    admin boolean not null default false,
    active boolean not null default true,
    deactivated_by uuid,
    file_fields text[] not null default '{}',
    created_at timestamptz not null default now(),
    primary key (org_id, id),
    foreign key (org_id, department) references departments (org_id, name)
  )`.execute(db)
  await sql`create unique index people_email on people (org_id, lower(email))`.execute(db)
  await sql`create index people_name on people (org_id, lower(name) text_pattern_ops)`.execute(db)

  await sql`create table identities (
    org_id uuid not null,
    workspace_id uuid not null,
    external_id text not null,
    person_id uuid,
    name text not null,
    email text,
    kind text not null
      check (kind in ('member', 'guest', 'bot', 'foreign', 'deactivated', 'unknown')),
    checked_at timestamptz not null default now(),
    primary key (org_id, workspace_id, external_id),
    foreign key (org_id, workspace_id) references workspaces (org_id, id),
    foreign key (org_id, person_id) references people (org_id, id)
  )`.execute(db)
  await sql`create index identities_person on identities (org_id, person_id)`.execute(db)

  await sql`create table link_codes (
    org_id uuid not null,
    code_hash bytea not null,
    person_id uuid not null,
    workspace_id uuid not null,
    external_id text not null,
    expires_at timestamptz not null,
    primary key (org_id, code_hash),
    foreign key (org_id, person_id) references people (org_id, id)
  )`.execute(db)

  await sql`create table teams (
    org_id uuid not null references organizations,
    id uuid not null,
    name text not null,
    from_file boolean not null default false,
    primary key (org_id, id)
  )`.execute(db)
  await sql`create unique index teams_name on teams (org_id, lower(name))`.execute(db)

  await sql`create table team_members (
    org_id uuid not null,
    team_id uuid not null,
    person_id uuid not null,
    primary key (org_id, team_id, person_id),
    foreign key (org_id, team_id) references teams (org_id, id) on delete cascade,
    foreign key (org_id, person_id) references people (org_id, id) on delete cascade
  )`.execute(db)
  await sql`create index team_members_person on team_members (org_id, person_id)`.execute(db)

  // What is known of a channel: whose it is, whether incidents are announced there, what may be shown in it.
  await sql`create table channels (
    org_id uuid not null references organizations,
    platform text not null check (platform in ('slack', 'teams', 'console')),
    channel text not null,
    name text,
    team_id uuid,
    announces boolean not null default false,
    clearance text[] not null default '{}',
    shared_outside boolean not null default false,
    from_file boolean not null default false,
    primary key (org_id, platform, channel),
    foreign key (org_id, team_id) references teams (org_id, id) on delete set null (team_id)
  )`.execute(db)

  await sql`create table categories (
    org_id uuid not null,
    name text not null,
    department text not null,
    primary key (org_id, name),
    foreign key (org_id, department) references departments (org_id, name)
  )`.execute(db)

  await sql`create table services (
    org_id uuid not null references organizations,
    id uuid not null,
    name text not null,
    team_id uuid,
    critical boolean not null default false,
    cost_per_minute numeric(14, 4),
    from_file boolean not null default false,
    active boolean not null default true,
    primary key (org_id, id),
    foreign key (org_id, team_id) references teams (org_id, id) on delete set null (team_id)
  )`.execute(db)
  await sql`create unique index services_name on services (org_id, lower(name))`.execute(db)

  await sql`create table customers (
    org_id uuid not null references organizations,
    id uuid not null,
    name text not null,
    contact text,
    sla jsonb,
    from_file boolean not null default false,
    active boolean not null default true,
    primary key (org_id, id)
  )`.execute(db)
  await sql`create unique index customers_name on customers (org_id, lower(name))`.execute(db)

  await sql`create table customer_services (
    org_id uuid not null,
    customer_id uuid not null,
    service_id uuid not null,
    primary key (org_id, customer_id, service_id),
    foreign key (org_id, customer_id) references customers (org_id, id) on delete cascade,
    foreign key (org_id, service_id) references services (org_id, id) on delete cascade
  )`.execute(db)

  await isolate(db, 'organizations', 'select, insert, update')
  await sql`create policy of_engine on organizations to tocsin_engine using (true)`.execute(db)
  await sql`grant select (org_id) on organizations to tocsin_engine`.execute(db)
  await isolate(db, 'workspaces', 'select, insert, update')
  await isolate(db, 'link_codes', 'select, insert, delete')
  for (const table of [
    'departments',
    'people',
    'identities',
    'teams',
    'team_members',
    'channels',
    'categories',
    'services',
    'customers',
    'customer_services',
  ]) {
    await isolate(db, table, 'select, insert, update, delete')
  }
}
