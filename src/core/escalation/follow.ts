import { sql } from 'kysely'
import type { OrgTx } from '../../db/pool.ts'
import type { Actor } from '../actor.ts'
import { isOpen } from '../lifecycle.ts'
import { closePages } from '../pages/close.ts'
import { refreshPages } from '../pages/refresh.ts'
import { policyFor } from '../policies/match.ts'
import { type Escalating, endEscalation, insertEscalation, liveEscalation, policyOf } from './escalation.ts'
import { beginning } from './progress.ts'
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
  // Reopened: whoever had answered is watched again.
  if (!isOpen(before.status) && after.acknowledged_at) return rest(scope, after)
  if (!before.acknowledged_at && after.acknowledged_at) {
    await closePages(tx, orgId, { incidentId: after.id }, { as: 'acknowledged', by: by.personId, at: now })
    return rest(scope, after)
  }
  if (before.acknowledged_at && !after.acknowledged_at) {
    await stop(scope, after.id)
    await startEscalation(scope, after)
    return
  }
  if (before.priority !== after.priority) await refreshPages(tx, orgId, after.id)
  const decisive = ['priority', 'team_id', 'category', 'department'] as const
  if (!decisive.some((field) => before[field] !== after[field])) return
  if (after.acknowledged_at || (await liveEscalation(tx, orgId, after.id))) {
    await reevaluate(scope, after, by, { anotherTeam: before.team_id !== after.team_id })
  } else if (await concernsMore(tx, orgId, before, after)) {
    await startEscalation(scope, after)
  }
}

/** The same when its affected services changed, which are no columns of the incident. */
export async function followServices(
  scope: OrgTx,
  incident: Followed,
  by: Pick<Actor, 'orgId' | 'name' | 'surface' | 'personId'>,
): Promise<void> {
  const { tx, orgId } = scope
  if (!isOpen(incident.status)) return
  if (incident.acknowledged_at || (await liveEscalation(tx, orgId, incident.id))) {
    return reevaluate(scope, incident, by)
  }
  const last = await tx
    .selectFrom('escalations')
    .select('policy_id')
    .where('org_id', '=', orgId)
    .where('incident_id', '=', incident.id)
    .orderBy('started_at', 'desc')
    .executeTakeFirst()
  const policy = await policyFor(tx, orgId, incident)
  if (policy.id !== (last?.policy_id ?? undefined)) await startEscalation(scope, incident)
}

/** Nobody has answered and paging is over: it starts again for those whom the change makes it the business of. */
async function concernsMore(tx: OrgTx['tx'], orgId: string, before: Followed, after: Followed) {
  if (before.team_id !== after.team_id || after.priority < before.priority) return true
  return (await policyFor(tx, orgId, before)).id !== (await policyFor(tx, orgId, after)).id
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
async function rest({ tx, orgId, now }: OrgTx, incident: Followed): Promise<void> {
  const live = await liveEscalation(tx, orgId, incident.id)
  const policy = live ? await policyOf(tx, orgId, live) : await policyFor(tx, orgId, incident)
  const { acknowledgedForSeconds } = policy
  if (acknowledgedForSeconds === undefined) {
    if (live) await endEscalation(tx, orgId, live.id, 'stopped', now)
    return
  }
  const dueAt = new Date(now.getTime() + acknowledgedForSeconds * 1000)
  if (!live) {
    // Its last round was over before somebody answered: whether anything happens is watched all the same.
    await insertEscalation(tx, orgId, incident.id, policy, {
      ...beginning(policy, now),
      dueAt,
      state: 'acknowledged',
    })
    return
  }
  await tx
    .updateTable('escalations')
    .set({ state: 'acknowledged', due_at: dueAt, remaining: null, lease_until: sql<Date>`'-infinity'` })
    .where('org_id', '=', orgId)
    .where('id', '=', live.id)
    .execute()
}
