import type { OrgTx } from '../../db/pool.ts'
import type { Actor } from '../actor.ts'
import { writeAudits } from '../audit.ts'
import { onIncident, plain } from '../labels.ts'
import { policyFor } from '../policies/match.ts'
import type { Policy } from '../policies/policy.ts'
import { type Escalating, endEscalation, insertEscalation, liveEscalation, policyOf } from './escalation.ts'
import { tellReachesNobody, whyNobody } from './nobody.ts'
import { beginning } from './progress.ts'

/**
 * The incident's priority, team, category, department or services changed: where another policy fits now, the running
 * escalation gives way to it, from its first step, and the timeline says so. The same policy goes on in the version
 * it started with, from its first step again where it pages people of the team and that is another one now. A snoozed
 * one stays snoozed, an acknowledged one acknowledged.
 */
export async function reevaluate(
  scope: OrgTx,
  incident: Escalating,
  by: Pick<Actor, 'orgId' | 'name' | 'surface'> & { personId?: string },
  { anotherTeam = false } = {},
): Promise<void> {
  const { tx, orgId, now } = scope
  const live = await liveEscalation(tx, orgId, incident.id)
  if (!live) return
  const found = await policyFor(tx, orgId, incident)
  const before = await policyOf(tx, orgId, live)
  const same = (found.id ?? null) === live.policyId
  if (same && !(anotherTeam && live.state === 'running' && pagesTeam(before))) return
  const policy = same ? before : found
  await endEscalation(tx, orgId, live.id, 'stopped', now)
  const entry = {
    operation: 'escalation_policy',
    incidentId: incident.id,
    old: { policy: before.name },
    new: { policy: policy.name },
    label: onIncident(incident, plain),
  }
  if (!same) await writeAudits(tx, by, [entry], now)
  const start = beginning(policy, now)
  if (live.state === 'acknowledged') {
    if (policy.acknowledgedForSeconds === undefined) return
    const dueAt = new Date(now.getTime() + policy.acknowledgedForSeconds * 1000)
    await insertEscalation(tx, orgId, incident.id, policy, { ...start, dueAt, state: 'acknowledged' })
    return
  }
  if (live.state === 'snoozed') {
    const remaining = policy.steps[0]!.afterSeconds
    const as = { ...start, dueAt: live.dueAt, state: live.state, remaining }
    await insertEscalation(tx, orgId, incident.id, policy, as)
    return
  }
  // Its first step is the engine's to take: at once, where it has no delay.
  await insertEscalation(tx, orgId, incident.id, policy, start)
  const nobody = await whyNobody(scope, incident, policy)
  if (nobody) await tellReachesNobody(scope, incident, nobody, undefined)
}

const pagesTeam = ({ steps }: Policy): boolean =>
  steps.some(({ notify }) => notify.some((target) => target.type === 'rank' && target.inTeam))
