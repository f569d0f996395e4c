import { sql } from 'kysely'
import type { OrgTx } from '../../db/pool.ts'
import { liveEscalation } from './escalation.ts'

/**
 * Pauses paging for so many seconds of business time; what was left of the running delay is left afterwards. Later
 * ways of pages that are out already wait as much longer.
 * @param seconds 0 goes on at once.
 * @returns when it goes on; undefined when nothing is being paged.
 */
export async function snoozeEscalation(
  { tx, orgId, now }: OrgTx,
  incidentId: string,
  seconds: number,
): Promise<Date | undefined> {
  const live = await liveEscalation(tx, orgId, incidentId)
  if (!live || live.state === 'acknowledged') return undefined
  const until = new Date(now.getTime() + seconds * 1000)
  const wasSnoozed = live.state === 'snoozed'
  const remaining = wasSnoozed
    ? (live.remaining ?? 0)
    : Math.max(0, (live.dueAt.getTime() - now.getTime()) / 1000)
  await tx
    .updateTable('escalations')
    .set({ state: 'snoozed', due_at: until, remaining, lease_until: sql<Date>`'-infinity'`, lease_id: null })
    .where('org_id', '=', orgId)
    .where('id', '=', live.id)
    .execute()
  const shift = wasSnoozed ? (until.getTime() - live.dueAt.getTime()) / 1000 : seconds
  await sql`update deliveries d set due_at = due_at + make_interval(secs => ${shift})
    from pages p where p.org_id = d.org_id and p.id = d.page_id and p.escalation_id is not null
      and d.org_id = ${orgId} and d.incident_id = ${incidentId} and d.state = 'waiting'`.execute(tx)
  return until
}
