import { type Kysely, sql } from 'kysely'
import { isolate, openToEngine } from '../src/db/isolate.ts'

/**
 * The tables that are queues: what came in (inbox), what goes out (deliveries, a lane a destination), and where
 * each card stands (posted_messages), so that it can follow its incident.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table inbox (
    org_id uuid not null,
    id uuid not null,
    workspace_id uuid not null,
    event_id text not null,
    sender text not null,
    payload jsonb not null,
    state text not null default 'queued' check (state in ('queued', 'done', 'failed')),
    attempts integer not null default 0,
    lease_until timestamptz,
    received_at timestamptz not null default clock_timestamp(),
    done_at timestamptz,
    error text,
    primary key (org_id, id),
    unique (org_id, workspace_id, event_id)
  )`.execute(db)
  await sql`create index inbox_waiting on inbox (received_at) where state = 'queued'`.execute(db)
  await sql`create index inbox_sender on inbox (org_id, workspace_id, sender, received_at, id)
    where state = 'queued' and error is null`.execute(db)
  await sql`create index inbox_finished on inbox (done_at) where state <> 'queued'`.execute(db)

  // lease_id: whoever lost a lane to another process can neither settle in it nor give it up.
  await sql`create table lanes (
    org_id uuid not null,
    id uuid not null,
    workspace_id uuid not null,
    destination text not null,
    not_before timestamptz not null default '-infinity',
    lease_until timestamptz not null default '-infinity',
    lease_id uuid,
    throttled_until timestamptz,
    primary key (org_id, id),
    unique (org_id, workspace_id, destination)
  )`.execute(db)

  await sql`create table posted_messages (
    org_id uuid not null,
    id uuid not null,
    incident_id uuid not null,
    workspace_id uuid not null,
    channel text not null,
    message text not null,
    person_id uuid,
    shown_version integer not null default 0,
    created_at timestamptz not null default now(),
    primary key (org_id, id),
    unique (org_id, workspace_id, channel, message),
    foreign key (org_id, incident_id) references incidents (org_id, id)
  )`.execute(db)
  await sql`create index posted_messages_incident on posted_messages (org_id, incident_id)`.execute(db)

  // urgency: 0 a page, 1 an answer, 2 a post, 3 a card update: pages never wait behind updates.
  await sql`create table deliveries (
    org_id uuid not null,
    id uuid not null,
    sequence bigint not null generated always as identity,
    lane_id uuid not null,
    urgency smallint not null check (urgency between 0 and 3),
    notification jsonb not null,
    incident_id uuid,
    posted_message_id uuid,
    inbox_id uuid,
    state text not null default 'queued'
      check (state in ('queued', 'sending', 'sent', 'dead', 'withdrawn')),
    attempts integer not null default 0,
    uncertain boolean not null default false,
    due_at timestamptz not null default now(),
    receipt jsonb,
    error text,
    created_at timestamptz not null default clock_timestamp(),
    settled_at timestamptz,
    primary key (org_id, id),
    foreign key (org_id, lane_id) references lanes (org_id, id)
  )`.execute(db)
  await sql`create index deliveries_waiting on deliveries (due_at, lane_id)
    where state in ('queued', 'sending')`.execute(db)
  await sql`create index deliveries_lane on deliveries (org_id, lane_id, urgency, sequence)
    where state in ('queued', 'sending')`.execute(db)
  await sql`create index deliveries_incident on deliveries (org_id, incident_id, sequence)`.execute(db)
  await sql`create index deliveries_inbox on deliveries (org_id, inbox_id)`.execute(db)
  await sql`create index deliveries_settled on deliveries (settled_at)
    where state in ('sent', 'withdrawn')`.execute(db)
  await sql`create index deliveries_dead on deliveries (settled_at) where state = 'dead'`.execute(db)
  // Many changes, one update: a posted card has at most one update waiting.
  await sql`create unique index deliveries_one_update on deliveries (org_id, posted_message_id)
    where state = 'queued' and posted_message_id is not null`.execute(db)

  for (const table of ['inbox', 'lanes', 'posted_messages', 'deliveries']) {
    await isolate(db, table, 'select, insert, update, delete')
  }
  await openToEngine(db, 'inbox', 'select, insert, update, delete')
  await openToEngine(db, 'lanes', 'select, update')
  await openToEngine(db, 'deliveries', 'select, update, delete')
}
