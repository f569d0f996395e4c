import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import {
  endEscalation,
  insertEscalation,
  liveEscalation,
  policyOf,
} from '../../core/escalation/escalation.ts'
import type { StepWork } from '../../core/escalation/page-steps.ts'
import { beginning, nextOf, type Progress } from '../../core/escalation/progress.ts'
import { auditOf, noteOf, takeSteps } from '../../core/escalation/take.ts'
import { about, changeIncident } from '../../core/incidents.ts'
import { onIncident, plain } from '../../core/labels.ts'
import { isOpen } from '../../core/lifecycle.ts'
import type { Outcome } from '../../core/outcome.ts'
import { policyFor } from '../../core/policies/match.ts'
import type { Policy } from '../../core/policies/policy.ts'
import { conflict } from '../../errors.ts'
import { defineOperation, type Scope } from '../define.ts'
import { incidentKey } from '../perform.ts'
import { alreadySo, doneSinceShown } from './change.ts'

export const escalate = defineOperation({
  name: 'escalate',
  summary: 'Page the next people at once, without waiting for those who were paged.',
  input: z.strictObject({ incident: incidentKey, reason: line(500).optional() }),
  subject: 'incident',
  permission: 'escalate',
  effect: 'write',
  writes: plain,
  undone: 'KEY was not escalated',
  button: 'Escalate',
  verb: {
    words: ['escalate'],
    usage: 'escalate [INC] [reason]',
    parse: (rest) => (rest === '' ? {} : { reason: rest }),
  },
  run: async (scope, { reason }): Promise<Outcome> => {
    const { tx, orgId, now, actor, incident } = scope
    const earlier = await doneSinceShown(scope, ['escalate', 'escalation_step'])
    if (earlier) return alreadySo(incident, 'escalated', earlier)
    const answered = incident.acknowledged_at && (await acknowledgedSinceShown(scope))
    if (answered) return alreadySo(incident, 'acknowledged', answered)
    if (!isOpen(incident.status)) {
      throw conflict(`${incident.key} was not escalated: it is ${incident.status}.`, {
        incidentKey: incident.key,
        ...(incident.status === 'RESOLVED' && { allowed: [`reopen ${incident.key} REASON`] }),
      })
    }
    if (incident.acknowledged_at) {
      // Those who are paged now must be able to answer for themselves.
      await changeIncident(tx, incident, now, { acknowledged_at: null, acknowledged_by: null })
    }
    const work = { ...(await nextStep(scope)), by: { name: actor.name, reason } }
    const [paged] = await takeSteps({ tx, orgId, now }, [work])
    const entry = auditOf(paged!)
    await scope.audit({
      ...entry,
      operation: 'escalate',
      new: { ...entry.new, ...(reason && { reason }) },
    })
    const { version, priority } = paged!.work.incident
    const note = noteOf(paged!, now)
    if (!paged!.people.length && !paged!.channels) {
      note.parts.push({
        kind: 'sentence',
        label: onIncident(incident, plain),
        text: `Nobody in this step can be reached. The next step follows at once; to reach somebody yourself: page ${incident.key} PERSON TEXT`,
      })
    }
    return { ...note, incident: about({ ...incident, version, priority }) }
  },
})

/** Whoever clicks on a card that did not show the acknowledgement does not mean to take it back. */
const acknowledgedSinceShown = async (scope: Scope<'incident'>) =>
  (await doneSinceShown(scope, ['acknowledge'])) ??
  (await doneSinceShown(scope, ['update_status'], 'IN_PROGRESS'))

/** The step that comes next now, of the escalation that runs; of a new one where none runs or it has no step left. */
async function nextStep(scope: Scope<'incident'>): Promise<Omit<StepWork, 'by'>> {
  const { tx, orgId, now, incident } = scope
  const live = await liveEscalation(tx, orgId, incident.id)
  const policy = live ? await policyOf(tx, orgId, live) : await policyFor(tx, orgId, incident)
  const answered = !live && incident.acknowledged_at ? await answeredAt(scope, policy) : undefined
  if (answered) {
    const escalationId = await insertEscalation(tx, orgId, incident.id, policy, answered)
    return { escalationId, incident, policy, progress: answered }
  }
  if (live && nextOf(policy, live) !== 'end') {
    const progress = { round: live.round, step: live.step, dueAt: now }
    return { escalationId: live.id, incident, policy, progress }
  }
  if (live) await endEscalation(tx, orgId, live.id, 'stopped', now)
  const progress = { ...beginning(policy, now), dueAt: now }
  const escalationId = await insertEscalation(tx, orgId, incident.id, policy, progress)
  return { escalationId, incident, policy, progress }
}

/** Acknowledging has ended an escalation: from there it goes on, so that those who have answered are not asked again. */
async function answeredAt(
  { tx, orgId, now, incident }: Scope<'incident'>,
  policy: Policy,
): Promise<Progress | undefined> {
  const last = await tx
    .selectFrom('escalations')
    .select(['policy_id', 'policy_version', 'state', 'round', 'step'])
    .where('org_id', '=', orgId)
    .where('incident_id', '=', incident.id)
    .orderBy('started_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  const same = last?.policy_id === (policy.id ?? null) && last.policy_version === (policy.version ?? null)
  if (!last || !same || last.state !== 'stopped' || last.step >= policy.steps.length) return undefined
  return { round: last.round, step: last.step, dueAt: now }
}
