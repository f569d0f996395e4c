import { sql } from 'kysely'
import type { Db } from '../db/pool.ts'
import type { EngineStatus } from './engine.ts'
import type { Watchdog } from './watch.ts'

/** What looks each second has failed for long when it last succeeded before this; the others look each minute. */
const recentlyMs = { oftenest: 60_000, any: 5 * 60_000 }
const oftenest = ['dispatch', 'escalate', 'deliver']
/** The watchdog looks four times in this. */
const watchedMs = 60_000

/** @returns in a few words why not all is well; undefined while it is. */
export async function troubleOf(
  db: Db,
  engine: EngineStatus,
  { lookedAt, late }: ReturnType<Watchdog['status']>,
  now = Date.now(),
): Promise<string | undefined> {
  if (!engine.started) return 'the engine is not started'
  for (const job of engine.jobs) {
    const within = oftenest.includes(job.name) ? recentlyMs.oftenest : recentlyMs.any
    if (!job.lastSuccess) return `the job ${job.name} has not succeeded yet`
    if (now - job.lastSuccess.getTime() > within) return `the job ${job.name} has not succeeded for long`
  }
  if (!lookedAt || now - lookedAt.getTime() > watchedMs) return 'the watchdog has not looked for long'
  if (late && late.steps + late.deliveries + late.arrivals > 0) return 'something is late'
  try {
    await sql`select 1`.execute(db.engine)
  } catch {
    return 'the database does not answer'
  }
  return undefined
}
