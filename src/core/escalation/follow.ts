import { sql } from 'kysely'
import type { OrgTx } from '../../db/pool.ts'
import type { Actor } from '../actor.ts'
import { isOpen } from '../lifecycle.ts'
import { closePages } from '../pages/close.ts'
import { type Escalating, endEscalation, liveEscalation, policyOf } from './escalation.ts'
import { reevaluate } from './reevaluate.ts'
import { startEscalation } from './start.ts'

type Followed = Escalating & { version: number; acknowledged_at: Date | null }

/**
 * Paging follows every change of an incident, in the transaction that makes it: an acknowledgement stops it, and so
 * does the incident's end; what decides whom it concerns looks for the policy anew; taken back to OPEN it starts again.
 */
export async function followEscalation(
  scope: OrgTx,
  before: Followed,
  after: Followed,
  by: Pick<Actor, 'orgId' | 'name' | 'surface' | 'personId'>,
): Promise<void> {
  const { tx, orgId, now } = scope
  if (!isOpen(after.status)) {
    if (!isOpen(before.status)) return
    await closePages(tx, orgId, { incidentId: after.id }, { as: 'ended', by: by.personId, at: now })
    await stop(scope, after.id)
    return
  }
  if (!before.acknowledged_at && after.acknowledged_at) {
    await closePages(tx, orgId, { incidentId: after.id }, { as: 'acknowledged', by: by.personId, at: now })
    return rest(scope, after.id)
  }
  if (before.acknowledged_at && !after.acknowledged_at) {
    await stop(scope, after.id)
    await startEscalation(scope, after)
    return
  }
  const decisive = ['priority', 'team_id', 'category', 'department'] as const
  if (decisive.some((field) => before[field] !== after[field])) await reevaluate(scope, after, by)
}

async function stop({ tx, orgId, now }: OrgTx, incidentId: string): Promise<void> {
  await tx
    .updateTable('escalations')
    .set({ state: 'stopped', ended_at: now })
    .where('org_id', '=', orgId)
    .where('incident_id', '=', incidentId)
    .where('state', 'in', ['running', 'snoozed', 'acknowledged'])
    .execute()
}

/** Acknowledged: over, or watched for as long as the policy allows nothing to happen. */
async function rest({ tx, orgId, now }: OrgTx, incidentId: string): Promise<void> {
  const live = await liveEscalation(tx, orgId, incidentId)
  if (!live) return
  const { acknowledgedForSeconds } = await policyOf(tx, orgId, live)
  if (acknowledgedForSeconds === undefined) return endEscalation(tx, orgId, live.id, 'stopped', now)
  const dueAt = new Date(now.getTime() + acknowledgedForSeconds * 1000)
  await tx
    .updateTable('escalations')
    .set({ state: 'acknowledged', due_at: dueAt, remaining: null, lease_until: sql<Date>`'-infinity'` })
    .where('org_id', '=', orgId)
    .where('id', '=', live.id)
    .execute()
}
