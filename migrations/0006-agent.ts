import { type Kysely, sql } from 'kysely'
import { isolate } from '../src/db/isolate.ts'

/** The agent's memory (every item labelled), its journal of tool calls, and what it used. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // A person's direct conversation is one, whichever app it happens in.
  await sql`create table conversations (
    org_id uuid not null references organizations,
    id uuid not null,
    person_id uuid,
    workspace_id uuid,
    channel text,
    thread text,
    created_at timestamptz not null default now(),
    primary key (org_id, id),
    check ((person_id is null) <> (channel is null)),
    foreign key (org_id, person_id) references people (org_id, id)
  )`.execute(db)
  await sql`create unique index conversations_direct on conversations (org_id, person_id)
    where person_id is not null`.execute(db)
  await sql`create unique index conversations_shared
    on conversations (org_id, workspace_id, channel, coalesce(thread, '')) where channel is not null`.execute(
    db,
  )

  // private_to: part of one person's private exchange inside a shared channel.
  await sql`create table conversation_items (
    org_id uuid not null,
    id uuid not null,
    conversation_id uuid not null,
    sequence bigint not null generated always as identity,
    turn_id uuid not null,
    author_id uuid,
    private_to uuid,
    item jsonb not null,
    label text[] not null,
    tainted boolean not null default false,
    created_at timestamptz not null default now(),
    primary key (org_id, id),
    foreign key (org_id, conversation_id) references conversations (org_id, id)
  )`.execute(db)
  await sql`create index conversation_items_recent
    on conversation_items (org_id, conversation_id, sequence desc)`.execute(db)

  await sql`create table tool_calls (
    org_id uuid not null,
    turn_id uuid not null,
    number integer not null,
    operation text not null,
    arguments jsonb not null,
    outcome text not null check (outcome in ('done', 'denied', 'failed')),
    result jsonb not null,
    created_at timestamptz not null default now(),
    primary key (org_id, turn_id, number)
  )`.execute(db)

  await sql`create table usage (
    org_id uuid not null,
    day date not null,
    person_id uuid not null,
    model text not null,
    turns integer not null default 0,
    input_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    primary key (org_id, day, person_id, model)
  )`.execute(db)

  await isolate(db, 'conversations', 'select, insert')
  await isolate(db, 'conversation_items', 'select, insert, delete')
  await isolate(db, 'tool_calls', 'select, insert')
  await isolate(db, 'usage', 'select, insert, update')
}
