import { type Kysely, sql } from 'kysely'
import { isolate } from '../src/db/isolate.ts'

/** Channels of an incident's own. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // name: as it was asked for, and once it is open as the platform has it. reason: why it could not be opened.
  await sql`create table incident_channels (
    org_id uuid not null,
    incident_id uuid not null,
    workspace_id uuid not null,
    name text not null,
    channel text,
    state text not null default 'opening' check (state in ('opening', 'open', 'missing')),
    reason text,
    primary key (org_id, incident_id, workspace_id),
    foreign key (org_id, incident_id) references incidents (org_id, id),
    foreign key (org_id, workspace_id) references workspaces (org_id, id),
    check ((state = 'open') = (channel is not null)),
    check ((state = 'missing') = (reason is not null))
  )`.execute(db)
  await isolate(db, 'incident_channels', 'select, insert, update')
}
