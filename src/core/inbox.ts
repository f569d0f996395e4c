import { type Kysely, sql } from 'kysely'
import type { Db, Tx } from '../db/pool.ts'
import type { Database } from '../db/schema.ts'
import { uuid } from '../db/uuid.ts'
import type { WorkspaceRef } from '../ports/platform.ts'

/** What came in, as it is stored before it is answered. `eventId` is the platform's own id of it. */
export type Arrival = {
  workspace: WorkspaceRef
  eventId: string
  /** The platform's user, for keeping one person's requests in order. */
  sender: string
  /** JSON text, kept as it came. */
  payload: string
}

export type InboxRow = {
  orgId: string
  id: string
  workspaceId: string
  sender: string
  payload: Record<string, unknown>
  attempts: number
}

/** A dead worker's row is taken over after this; a living one renews its lease. Seconds of real time. */
export const inboxLeaseSeconds = 10

/**
 * Stores arrivals in one statement, each once however often it comes; in one order, so that two replicas that are
 * given the same ones do not wait for each other crosswise.
 * @param leased this process works them itself; otherwise any replica may take them at once.
 * @param connection one of `db.intake`, for a caller that must know when it is sent.
 * @returns for each, in order, its row's id, or undefined when it had been stored before.
 */
export async function storeArrivals(
  db: Db,
  arrivals: Arrival[],
  leased = true,
  connection: Kysely<Database> = db.intake,
): Promise<(string | undefined)[]> {
  const rows = arrivals.map((arrival) => ({ ...arrival, id: uuid() }))
  const { rows: stored } = await sql<{ id: string }>`
    insert into inbox (org_id, id, workspace_id, event_id, sender, payload, lease_until, attempts)
    select r.org_id, r.id, r.workspace_id, r.event_id, r.sender, r.payload::jsonb,
      case when ${leased} then now() + make_interval(secs => ${inboxLeaseSeconds}) end,
      case when ${leased} then 1 else 0 end
    from unnest(${rows.map((row) => row.workspace.orgId)}::uuid[], ${rows.map((row) => row.id)}::uuid[],
      ${rows.map((row) => row.workspace.id)}::uuid[], ${rows.map((row) => row.eventId)}::text[],
      ${rows.map((row) => row.sender)}::text[], ${rows.map((row) => row.payload)}::text[])
      as r (org_id, id, workspace_id, event_id, sender, payload)
    order by r.event_id
    on conflict (org_id, workspace_id, event_id) do nothing
    returning id`.execute(connection)
  const fresh = new Set(stored.map((row) => row.id))
  return rows.map((row) => (fresh.has(row.id) ? row.id : undefined))
}

/**
 * Records a synchronous request as seen and done, inside the transaction that does what it asks for.
 * @returns false when it had been seen before: the caller must then change nothing.
 */
export async function recordArrival(tx: Tx, arrival: Arrival): Promise<boolean> {
  const stored = await tx
    .insertInto('inbox')
    .values({
      org_id: arrival.workspace.orgId,
      id: uuid(),
      workspace_id: arrival.workspace.id,
      event_id: arrival.eventId,
      sender: arrival.sender,
      payload: arrival.payload,
      state: 'done',
      attempts: 1,
      done_at: sql<Date>`clock_timestamp()`,
    })
    .onConflict((oc) => oc.columns(['org_id', 'workspace_id', 'event_id']).doNothing())
    .executeTakeFirst()
  return stored.numInsertedOrUpdatedRows === 1n
}

/** Claims rows that nobody finished: stored by a process that died, or handed back. Oldest first. */
export async function claimInbox(db: Db, most: number): Promise<InboxRow[]> {
  const { rows } = await sql<InboxRow>`
    update inbox set attempts = attempts + 1,
      lease_until = now() + make_interval(secs => ${inboxLeaseSeconds})
    where (org_id, id) in (
      select org_id, id from inbox
      where state = 'queued' and (lease_until is null or lease_until < now())
      order by received_at limit ${most} for update skip locked)
    returning org_id as "orgId", id, workspace_id as "workspaceId", sender, payload, attempts`.execute(
    db.engine,
  )
  return rows
}

/** Keeps rows that are being worked from being taken over. */
export async function renewInbox(db: Db, ids: { orgId: string; id: string }[]): Promise<void> {
  if (!ids.length) return
  await sql`update inbox set lease_until = now() + make_interval(secs => ${inboxLeaseSeconds})
    where state = 'queued' and id = any(${ids.map((row) => row.id)}::uuid[])
      and org_id = any(${ids.map((row) => row.orgId)}::uuid[])`.execute(db.engine)
}

/** Hands rows back at once, for another replica to take. */
export async function releaseInbox(db: Db, ids: { orgId: string; id: string }[]): Promise<void> {
  if (!ids.length) return
  await sql`update inbox set lease_until = null, attempts = greatest(attempts - 1, 0)
    where state = 'queued' and id = any(${ids.map((row) => row.id)}::uuid[])
      and org_id = any(${ids.map((row) => row.orgId)}::uuid[])`.execute(db.engine)
}

/**
 * Completes the row inside the transaction that did what it asked for.
 * @returns false when somebody completed it before: the caller must then change nothing.
 */
export async function completeInbox(tx: Tx, orgId: string, id: string, error?: string): Promise<boolean> {
  const done = await tx
    .updateTable('inbox')
    .set({
      state: error ? 'failed' : 'done',
      error: error ?? null,
      done_at: sql<Date>`clock_timestamp()`,
      lease_until: null,
    })
    .where('org_id', '=', orgId)
    .where('id', '=', id)
    .where('state', '=', 'queued')
    .executeTakeFirst()
  return done.numUpdatedRows === 1n
}
