import { type Kysely, sql } from 'kysely'
import { isolate } from '../src/db/isolate.ts'

/** Where the bot may speak in Microsoft Teams by itself: what proactive messages need of each conversation. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // user_id: the AAD object id, of a personal chat alone. heard_at is real time: the newest service url is the right one.
  await sql`create table conversation_references (
    org_id uuid not null,
    workspace_id uuid not null,
    conversation text not null,
    type text not null check (type in ('personal', 'groupChat', 'channel')),
    service_url text not null,
    user_id text,
    team_id text,
    heard_at timestamptz not null default now(),
    primary key (org_id, workspace_id, conversation),
    foreign key (org_id, workspace_id) references workspaces (org_id, id),
    check ((type = 'personal') = (user_id is not null))
  )`.execute(db)
  await sql`create index conversation_references_user on conversation_references (org_id, workspace_id, user_id)
    where user_id is not null`.execute(db)
  await sql`create index conversation_references_heard on conversation_references
    (org_id, workspace_id, heard_at desc)`.execute(db)
  await isolate(db, 'conversation_references', 'select, insert, update, delete')
}
