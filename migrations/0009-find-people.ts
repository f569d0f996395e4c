import { type Kysely, sql } from 'kysely'
import { isolate } from '../src/db/isolate.ts'

/** Finding people's chat accounts before they have spoken: whom nobody was found for, and each workspace's pace. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // sought: the account and address that were asked for; what has changed since is asked at once.
  // lease_until is real time, again_at business time.
  await sql`create table person_searches (
    org_id uuid not null,
    workspace_id uuid not null,
    person_id uuid not null,
    sought text not null,
    lease_id uuid not null,
    lease_until timestamptz not null,
    again_at timestamptz not null default '-infinity',
    primary key (org_id, workspace_id, person_id),
    foreign key (org_id, workspace_id) references workspaces (org_id, id),
    foreign key (org_id, person_id) references people (org_id, id) on delete cascade
  )`.execute(db)
  await isolate(db, 'person_searches', 'select, insert, update, delete')

  // Until when the questions asked of it so far use up its pace, in real time.
  await sql`alter table workspaces add column lookups_until timestamptz not null default '-infinity'`.execute(
    db,
  )
}
