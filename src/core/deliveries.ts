/**
 * The outbox's other end: claiming, settling. Glossary: a *lane* is one destination's queue, worked by one process at
 * a time under a *lease*; a *claim* is a lane leased for sending its *head*, the first waiting delivery by (urgency,
 * sequence). All times are the database's real ones.
 */
import { type Kysely, sql } from 'kysely'
import type { Db } from '../db/pool.ts'
import type { Database } from '../db/schema.ts'
import { uuid } from '../db/uuid.ts'
import type { Receipt } from '../ports/platform.ts'
import type { StoredNotification } from './outbox.ts'

/** A dead worker's lane is taken over after this; a living one renews its lease. */
export const laneLeaseSeconds = 10

export type Claim = {
  orgId: string
  laneId: string
  leaseId: string
  workspaceId: string
  id: string
  notification: StoredNotification
  urgency: 0 | 1 | 2 | 3
  incidentId: string | null
  postedMessageId: string | null
  inboxId: string | null
  /** The page that it belongs to, and whom it pages. */
  pageId: string | null
  personId: string | null
  /** Acknowledged while an earlier try was under way. */
  cancelled: boolean
  /** How often it has been claimed, this time included. */
  attempts: number
  /** An earlier try may have arrived. */
  uncertain: boolean
  /** Since it was written into the outbox. */
  ageSeconds: number
}

/**
 * Leases up to `most` lanes whose heads are due and marks those heads as being sent. Pages first, then what has been
 * tried least, then what has waited longest.
 *
 * The recursion jumps from lane to lane along `deliveries_lane`, so its cost grows with the lanes that have something
 * waiting, not with what waits in them (1,000 lanes: 6 ms; a lane with 10,000 waiting: no more than one with a single
 * one). A snapshot's head may be gone by the time its lane is locked: the second check of state and due time leaves
 * such a lane alone.
 */
export async function claimLanes(db: Db, most: number, leaseSeconds = laneLeaseSeconds): Promise<Claim[]> {
  const leaseId = uuid()
  // What is due later and was never tried is not in line yet; what waits for its next try keeps its place, but for a
  // page: the next one must not wait for one that the platform will not take.
  const inLine = sql`d.state in ('queued', 'sending')
    and (d.due_at <= now() or d.attempts > 0 and d.urgency > 0)`
  const head = sql`d.org_id, d.lane_id, d.id, d.urgency, d.attempts, d.due_at`
  const { rows } = await sql<Claim>`
    with recursive heads as (
      (select ${head} from deliveries d where ${inLine}
        order by d.org_id, d.lane_id, d.urgency, d.sequence limit 1)
      union all
      select next.* from heads h cross join lateral (
        select ${head} from deliveries d
        where ${inLine} and (d.org_id, d.lane_id) > (h.org_id, h.lane_id)
        order by d.org_id, d.lane_id, d.urgency, d.sequence limit 1) next
    ), ready as (
      select l.org_id, l.id as lane_id, l.workspace_id, h.id
      from heads h join lanes l on l.org_id = h.org_id and l.id = h.lane_id
      where h.due_at <= now() and l.lease_until <= now() and l.not_before <= now()
        and (l.throttled_until is null or l.throttled_until <= now())
      order by h.urgency, h.attempts, h.due_at limit ${most}
      for no key update of l skip locked
    ), taken as (
      update deliveries d set state = 'sending', attempts = d.attempts + 1,
        uncertain = d.uncertain or d.state = 'sending'
      from ready r
      where d.org_id = r.org_id and d.id = r.id and d.state in ('queued', 'sending') and d.due_at <= now()
      returning d.*, r.workspace_id
    ), leased as (
      update lanes l set lease_id = ${leaseId}, lease_until = now() + make_interval(secs => ${leaseSeconds})
      from taken t where l.org_id = t.org_id and l.id = t.lane_id
    )
    select org_id as "orgId", lane_id as "laneId", ${leaseId} as "leaseId", workspace_id as "workspaceId", id,
      notification, urgency, incident_id as "incidentId", posted_message_id as "postedMessageId",
      inbox_id as "inboxId", page_id as "pageId", person_id as "personId", cancelled, attempts, uncertain,
      extract(epoch from clock_timestamp() - created_at)::float8 as "ageSeconds"
    from taken order by urgency, sequence`.execute(db.engine)
  return rows
}

/** Keeps lanes that are being worked from being taken over. */
export async function renewLanes(
  db: Db,
  claims: Pick<Claim, 'orgId' | 'laneId' | 'leaseId'>[],
  leaseSeconds = laneLeaseSeconds,
): Promise<void> {
  if (!claims.length) return
  await sql`update lanes l set lease_until = now() + make_interval(secs => ${leaseSeconds})
    from unnest(${claims.map((claim) => claim.orgId)}::uuid[], ${claims.map((claim) => claim.laneId)}::uuid[],
      ${claims.map((claim) => claim.leaseId)}::uuid[]) as held (org_id, id, lease_id)
    where l.org_id = held.org_id and l.id = held.id and l.lease_id = held.lease_id`.execute(db.engine)
}

export type Verdict =
  | { state: 'sent'; receipt?: Receipt }
  | { state: 'dead' | 'withdrawn'; reason: string }
  /** Tried again later. `throttled`: the platform asked for the pause, and nothing else in the lane goes before. */
  | { state: 'queued'; reason: string; delayMs: number; uncertain?: boolean; throttled?: boolean }

/**
 * Writes what became of a claimed delivery and gives its lane up, which then rests for `paceMs`. A card update that
 * must wait gives way to a newer one of the same message.
 * @returns the state it has now; undefined when another process has taken the lane over: nothing was written.
 */
export async function settle(
  executor: Kysely<Database>,
  claim: Claim,
  verdict: Verdict,
  paceMs = 0,
): Promise<'sent' | 'dead' | 'withdrawn' | 'queued' | undefined> {
  const retry = verdict.state === 'queued' ? verdict : undefined
  const delay = sql`make_interval(secs => ${(retry?.delayMs ?? 0) / 1000})`
  const throttle = retry?.throttled
    ? sql`clock_timestamp() + ${delay}`
    : verdict.state === 'sent'
      ? sql`null`
      : sql`throttled_until`
  const { rows } = await sql<{ state: 'sent' | 'dead' | 'withdrawn' | 'queued' }>`
    with freed as (
      update lanes set lease_id = null, lease_until = '-infinity', throttled_until = ${throttle},
        not_before = clock_timestamp() + make_interval(secs => ${paceMs / 1000})
      where org_id = ${claim.orgId} and id = ${claim.laneId} and lease_id = ${claim.leaseId}
      returning id
    )
    update deliveries d set
      state = case when ${verdict.state} = 'queued' and (d.cancelled
          or d.posted_message_id is not null and exists (select from deliveries newer
            where newer.org_id = d.org_id and newer.posted_message_id = d.posted_message_id
              and newer.state = 'queued'))
        then 'withdrawn' else ${verdict.state} end,
      receipt = ${verdict.state === 'sent' && verdict.receipt ? JSON.stringify(verdict.receipt) : null}::jsonb,
      error = ${verdict.state === 'sent' ? null : verdict.reason},
      uncertain = d.uncertain or ${retry?.uncertain ?? false},
      due_at = case when ${verdict.state} = 'queued' then clock_timestamp() + ${delay} else d.due_at end,
      settled_at = case when ${verdict.state} = 'queued' then null else clock_timestamp() end
    from freed
    where d.org_id = ${claim.orgId} and d.id = ${claim.id} and d.state = 'sending'
    returning d.state`.execute(executor)
  return rows[0]?.state
}
