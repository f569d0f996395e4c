import { type Kysely, sql } from 'kysely'
import { isolate, openToEngine } from '../src/db/isolate.ts'

/** Who is told of an incident and when: policies, running escalations, pages, preferences, webhooks. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // E-mail, SMS and webhooks are carriers beside the chats: one workspace each in an organisation that has them.
  await sql`alter table workspaces drop constraint workspaces_platform_check,
    add constraint workspaces_platform_check
      check (platform in ('slack', 'teams', 'console', 'email', 'sms', 'webhook'))`.execute(db)
  await sql`grant delete on workspaces to tocsin_app`.execute(db)
  await sql`create policy chats_stay on workspaces as restrictive for delete to tocsin_app
    using (platform in ('email', 'sms', 'webhook'))`.execute(db)

  // What decides whether a policy fits an incident; a removed one stays for the escalations that hold it.
  await sql`create table policies (
    org_id uuid not null references organizations,
    id uuid not null,
    name text not null,
    version integer not null default 1,
    min_priority text check (min_priority in ('P1', 'P2', 'P3', 'P4', 'P5')),
    team_id uuid,
    category text,
    department text,
    service_id uuid,
    from_file boolean not null default false,
    removed_at timestamptz,
    created_at timestamptz not null default tocsin_now(),
    primary key (org_id, id),
    foreign key (org_id, team_id) references teams (org_id, id),
    foreign key (org_id, category) references categories (org_id, name) on delete cascade,
    foreign key (org_id, department) references departments (org_id, name) on delete cascade,
    foreign key (org_id, service_id) references services (org_id, id) on delete cascade
  )`.execute(db)
  await sql`create unique index policies_name on policies (org_id, lower(name)) where removed_at is null`.execute(
    db,
  )

  // What a version says, never changed again: a running escalation keeps the one it started with.
  await sql`create table policy_versions (
    org_id uuid not null,
    policy_id uuid not null,
    version integer not null,
    steps jsonb not null,
    repeats integer not null default 0 check (repeats between 0 and 100),
    nobody jsonb,
    acknowledged_for integer check (acknowledged_for > 0),
    created_at timestamptz not null default tocsin_now(),
    primary key (org_id, policy_id, version),
    foreign key (org_id, policy_id) references policies (org_id, id) on delete cascade
  )`.execute(db)

  // policy_id null: the built-in policy. round and step: how many were taken, the step within the round.
  // due_at is business time; remaining: what a snoozed one has left of it, in seconds.
  await sql`create table escalations (
    org_id uuid not null,
    id uuid not null,
    incident_id uuid not null,
    policy_id uuid,
    policy_version integer,
    state text not null default 'running'
      check (state in ('running', 'snoozed', 'acknowledged', 'stopped', 'exhausted')),
    round integer not null default 1,
    step integer not null default 0,
    due_at timestamptz not null,
    remaining double precision,
    lease_until timestamptz not null default '-infinity',
    lease_id uuid,
    late_told_at timestamptz,
    started_at timestamptz not null default tocsin_now(),
    ended_at timestamptz,
    primary key (org_id, id),
    foreign key (org_id, incident_id) references incidents (org_id, id),
    foreign key (org_id, policy_id, policy_version) references policy_versions (org_id, policy_id, version)
  )`.execute(db)
  await sql`create unique index escalations_live on escalations (org_id, incident_id)
    where state in ('running', 'snoozed', 'acknowledged')`.execute(db)
  await sql`create index escalations_due on escalations (due_at)
    where state in ('running', 'snoozed', 'acknowledged')`.execute(db)
  await sql`create index escalations_incident on escalations (org_id, incident_id, started_at)`.execute(db)

  // One page: what a step, or a person by hand, told people. The unique key is why no step is taken twice.
  await sql`create table pages (
    org_id uuid not null,
    id uuid not null,
    incident_id uuid,
    escalation_id uuid,
    round integer,
    step integer,
    sender_id uuid,
    body text,
    created_at timestamptz not null default tocsin_now(),
    closed_at timestamptz,
    closed_by uuid,
    closed_as text check (closed_as in ('acknowledged', 'ended')),
    primary key (org_id, id),
    unique (org_id, escalation_id, round, step),
    foreign key (org_id, incident_id) references incidents (org_id, id),
    foreign key (org_id, escalation_id) references escalations (org_id, id),
    foreign key (org_id, sender_id) references people (org_id, id),
    foreign key (org_id, closed_by) references people (org_id, id)
  )`.execute(db)
  await sql`create index pages_open on pages (org_id, incident_id) where closed_at is null`.execute(db)
  await sql`create index pages_sender on pages (org_id, sender_id, created_at)
    where sender_id is not null`.execute(db)

  // 'waiting': a later route of a page or notice, due_at in business time; the rest as before, in real time.
  // cancelled: acknowledged while it was being sent: it is not tried again.
  await sql`alter table deliveries
    add column page_id uuid,
    add column person_id uuid,
    add column cancelled boolean not null default false,
    add column link_used_at timestamptz,
    add column late_told_at timestamptz,
    drop constraint deliveries_state_check,
    add constraint deliveries_state_check
      check (state in ('waiting', 'queued', 'sending', 'sent', 'dead', 'withdrawn')),
    add foreign key (org_id, page_id) references pages (org_id, id)`.execute(db)
  await sql`create index deliveries_later on deliveries (due_at) where state = 'waiting'`.execute(db)
  await sql`create index deliveries_page on deliveries (org_id, page_id, person_id) where page_id is not null`.execute(
    db,
  )

  // A link that an e-mail or text message carries names its delivery: this says whose organisation it is.
  await sql`create function find_page_link(delivery uuid) returns table (org_id uuid)
    stable security definer set search_path = public, pg_temp language sql as
    'select org_id from deliveries where id = delivery and page_id is not null'`.execute(db)
  await sql`create index deliveries_link on deliveries (id) where page_id is not null`.execute(db)
  await sql`revoke all on function find_page_link from public`.execute(db)
  await sql`grant execute on function find_page_link to tocsin_app`.execute(db)

  // null: the organisation's own, else the defaults.
  await sql`create table preferences (
    org_id uuid not null,
    person_id uuid not null,
    high jsonb,
    low jsonb,
    quiet_hours jsonb,
    primary key (org_id, person_id),
    foreign key (org_id, person_id) references people (org_id, id)
  )`.execute(db)

  // secret: encrypted. secret_digest: tells whether the file brings another one.
  await sql`create table webhooks (
    org_id uuid not null references organizations,
    id uuid not null,
    name text not null,
    url text not null,
    secret bytea not null,
    secret_digest bytea not null,
    events text[] not null default '{}',
    created_at timestamptz not null default tocsin_now(),
    primary key (org_id, id)
  )`.execute(db)
  await sql`create unique index webhooks_name on webhooks (org_id, lower(name))`.execute(db)

  // When people were last asked for an update; an index of the open P1 and P2 by how long nothing was heard.
  await sql`alter table incidents add column reminded_at timestamptz`.execute(db)
  await sql`create index incidents_silent
    on incidents (org_id, priority, greatest(updated_at, reminded_at))
    where status in ('OPEN', 'IN_PROGRESS') and priority in ('P1', 'P2')`.execute(db)

  for (const table of ['policies', 'policy_versions', 'escalations', 'pages', 'preferences', 'webhooks']) {
    await isolate(db, table, 'select, insert, update, delete')
  }
  await openToEngine(db, 'escalations', 'select, update')
}
