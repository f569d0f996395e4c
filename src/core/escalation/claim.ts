/**
 * The engine's side of escalations, across all organisations: what is due is leased, so that of several replicas one
 * takes it and another one takes over within ten seconds when that one dies. Due times are business time, leases real.
 */
import { sql } from 'kysely'
import type { Db } from '../../db/pool.ts'
import { uuid } from '../../db/uuid.ts'

export const escalationLeaseSeconds = 10

export type DueEscalation = { orgId: string; id: string }
export type DueClaim = { leaseId: string; due: DueEscalation[] }

/** Leases up to `most` escalations that are due, those that are most overdue first. */
export async function claimDue(db: Db, most: number): Promise<DueClaim> {
  const leaseId = uuid()
  const { rows } = await sql<DueEscalation>`
    update escalations e set lease_id = ${leaseId},
      lease_until = now() + make_interval(secs => ${escalationLeaseSeconds})
    from (select org_id, id from escalations
      where state in ('running', 'snoozed', 'acknowledged') and due_at <= (select tocsin_now())
        and lease_until <= now()
      order by due_at limit ${most} for no key update skip locked) due
    where e.org_id = due.org_id and e.id = due.id
    returning e.org_id as "orgId", e.id`.execute(db.engine)
  return { leaseId, due: rows }
}

/** Gives back what somebody else was changing at that moment: it is looked at again at once. */
export async function releaseDue(db: Db, leaseId: string, due: DueEscalation[]): Promise<void> {
  if (!due.length) return
  await sql`update escalations set lease_until = '-infinity', lease_id = null
    where lease_id = ${leaseId} and id = any(${due.map(({ id }) => id)}::uuid[])`.execute(db.engine)
}

/**
 * Later ways to people (an SMS a minute after the chat) whose time has come go into the outbox's line.
 * @returns how many.
 */
export async function promoteLater(db: Db, most = 500): Promise<number> {
  const { numAffectedRows } = await sql`
    update deliveries d set state = 'queued', due_at = now(), created_at = clock_timestamp()
    from (select org_id, id from deliveries where state = 'waiting' and due_at <= (select tocsin_now())
      order by due_at limit ${most} for no key update skip locked) later
    where d.org_id = later.org_id and d.id = later.id`.execute(db.engine)
  return Number(numAffectedRows ?? 0)
}
