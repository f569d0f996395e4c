import { sql } from 'kysely'
import type { Db } from '../db/pool.ts'

export type QueueFigures = {
  inbox: number
  queued: number
  sending: number
  /** Later ways to people, not due yet. */
  waiting: number
  oldestSeconds: number
  dead: number
  /** By how much the most overdue one is late; 0 when none is. */
  stepOverdueSeconds: number
  deliveryOverdueSeconds: number
}

/**
 * What waits in all organisations' queues; read from partial indexes of just that. A delivery that is tried again is
 * overdue since it was written, whenever its next try is.
 */
export async function queueFigures(db: Db): Promise<QueueFigures> {
  const { rows } = await sql<QueueFigures>`
    select (select count(*) from inbox where state = 'queued') as inbox,
      count(*) filter (where state = 'queued') as queued,
      count(*) filter (where state = 'sending') as sending,
      (select count(*) from deliveries where state = 'waiting') as waiting,
      coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0)::float8 as "oldestSeconds",
      (select count(*) from deliveries where state = 'dead') as dead,
      greatest(0, extract(epoch from tocsin_now() - (select due_at from escalations
        where state in ('running', 'snoozed', 'acknowledged') and due_at < (select tocsin_now())
        order by due_at limit 1)))::float8 as "stepOverdueSeconds",
      greatest(0, extract(epoch from now() - min(case when attempts > 0 then created_at else due_at end)),
        extract(epoch from tocsin_now() - (select due_at from deliveries
          where state = 'waiting' and due_at < (select tocsin_now()) order by due_at limit 1)))::float8 as "deliveryOverdueSeconds"
    from deliveries where state in ('queued', 'sending')`.execute(db.engine)
  return rows[0]!
}

export type EscalationFigures = { running: number; snoozed: number; acknowledged: number }

/** Live escalations of all organisations: a pass over those alone, about 30 ms at 100,000. */
export async function escalationFigures(db: Db): Promise<EscalationFigures> {
  const { rows } = await sql<EscalationFigures>`
    select count(*) filter (where state = 'running') as running,
      count(*) filter (where state = 'snoozed') as snoozed,
      count(*) filter (where state = 'acknowledged') as acknowledged
    from escalations where state in ('running', 'snoozed', 'acknowledged')`.execute(db.engine)
  return rows[0]!
}
