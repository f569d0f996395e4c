import type { OrgTx } from '../../db/pool.ts'
import type { Priority } from '../../db/schema.ts'
import { writeAudits } from '../audit.ts'
import { onIncident, plain } from '../labels.ts'
import { askForChannel } from '../own-channel/ask.ts'
import { peopleOf } from '../policies/people-of.ts'
import type { Action } from '../policies/policy.ts'
import { timer } from './escalation.ts'
import type { StepWork } from './page-steps.ts'

/** What a step does besides paging; it pages for the incident as it is then. */
export async function act(scope: OrgTx, work: StepWork): Promise<StepWork> {
  const { actions } = work.policy.steps[work.progress.step]!
  let { incident } = work
  for (const action of actions) {
    if (action.type === 'raise_priority') incident = await raise(scope, incident, action.to)
    else if (action.type === 'assign') incident = await assign(scope, incident, action)
    else await askForChannel(scope, incident)
  }
  return { ...work, incident }
}

/** Never lowers it. */
async function raise(
  scope: OrgTx,
  incident: StepWork['incident'],
  to: Priority,
): Promise<StepWork['incident']> {
  if (incident.priority <= to) return incident
  await change(scope, incident, { priority: to }, 'update_priority', {
    old: { priority: incident.priority },
    new: { priority: to },
  })
  return { ...incident, priority: to }
}

/** Whoever has it keeps it. */
async function assign(
  scope: OrgTx,
  incident: StepWork['incident'],
  { to }: Extract<Action, { type: 'assign' }>,
): Promise<StepWork['incident']> {
  const { tx, orgId, now } = scope
  const at = { teamId: incident.team_id, at: now }
  const [reached] = await peopleOf(tx, orgId, [to], at)
  const person = reached?.people[0]
  const assigned = await tx
    .selectFrom('incidents')
    .select('assignee_id')
    .where('org_id', '=', orgId)
    .where('id', '=', incident.id)
    .executeTakeFirst()
  if (!person || assigned?.assignee_id) return incident
  await change(scope, incident, { assignee_id: person.id }, 'assign', {
    old: { assignee: null },
    new: { assignee: person.name },
  })
  return incident
}

async function change(
  { tx, orgId, now }: OrgTx,
  incident: StepWork['incident'],
  columns: { priority?: Priority; assignee_id?: string },
  operation: string,
  values: { old: Record<string, unknown>; new: Record<string, unknown> },
): Promise<void> {
  await tx
    .updateTable('incidents')
    .set({ ...columns, updated_at: now })
    .where('org_id', '=', orgId)
    .where('id', '=', incident.id)
    .execute()
  const label = onIncident(incident, plain)
  await writeAudits(tx, timer(orgId), [{ operation, incidentId: incident.id, ...values, label }], now)
}
