import { sql } from 'kysely'
import type { Db } from '../db/pool.ts'

export type QueueFigures = {
  inbox: number
  queued: number
  sending: number
  oldestSeconds: number
  dead: number
}

/** What waits in all organisations' queues; read from partial indexes of just that. */
export async function queueFigures(db: Db): Promise<QueueFigures> {
  const { rows } = await sql<QueueFigures>`
    select (select count(*) from inbox where state = 'queued') as inbox,
      count(*) filter (where state = 'queued') as queued,
      count(*) filter (where state = 'sending') as sending,
      coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0)::float8 as "oldestSeconds",
      (select count(*) from deliveries where state = 'dead') as dead
    from deliveries where state in ('queued', 'sending')`.execute(db.engine)
  return rows[0]!
}
