import type { OrgTx } from '../../db/pool.ts'
import { announceChanges, type ChannelTarget, noteIn, tellPeople } from '../announce.ts'
import { writeAudits } from '../audit.ts'
import { onIncident, plain } from '../labels.ts'
import type { Outcome } from '../outcome.ts'
import { administratorIds } from '../people.ts'
import { peopleOf } from '../policies/people-of.ts'
import type { Policy } from '../policies/policy.ts'
import { reachesOf } from '../preferences/reach.ts'
import { type Escalating, timer } from './escalation.ts'
import { pageSteps } from './page-steps.ts'

/**
 * Whether anybody at all would hear of it: a person with a way to reach them, a channel, a webhook; as things are now.
 * @returns undefined when somebody would, else why not and what to do, as a sentence.
 */
export async function whyNobody(
  scope: OrgTx,
  incident: Escalating,
  policy: Policy,
): Promise<string | undefined> {
  const { tx, orgId, now } = scope
  const targets = policy.steps.flatMap(({ notify }) => notify)
  const places = targets.filter(({ type }) => type === 'channel' || type === 'webhook')
  if (places.length && !incident.private) return undefined
  const reached = await peopleOf(tx, orgId, targets, { teamId: incident.team_id, at: now })
  const people = [...new Set(reached.flatMap((each) => each.people.map(({ id }) => id)))]
  if ((await reachesOf(scope, people, 'high', { always: true, personal: incident.private })).size)
    return undefined
  const { key } = incident
  if (policy.id) {
    return `Nobody is paged for ${key}: the policy ${policy.name} reaches nobody now. Page somebody: page ${key} PERSON TEXT`
  }
  if (!incident.team_id) {
    return `Nobody is paged for ${key}: it belongs to no team. Whoever may update its status can say whose it is: team ${key} TEAM`
  }
  return `Nobody is paged for ${key}: its team has no lead or manager who can be reached. Page somebody: page ${key} PERSON TEXT`
}

/** Said at once, where the incident is shown and to the administrators; of a private one to nobody but its own people. */
export async function tellReachesNobody(
  { tx, orgId, now }: OrgTx,
  incident: Escalating,
  sentence: string,
  shownIn: ChannelTarget[] | undefined,
): Promise<void> {
  const outcome = sentenceOf(incident, sentence)
  const entry = {
    operation: 'escalation_reaches_nobody',
    incidentId: incident.id,
    label: onIncident(incident, plain),
  }
  await writeAudits(tx, timer(orgId), [entry], now)
  if (incident.private) return
  if (shownIn) await noteIn(tx, orgId, shownIn, incident.id, outcome)
  else await announceChanges(tx, orgId, [{ incident, note: outcome }])
  await tellAdministrators(tx, orgId, incident, outcome)
}

/** The last round is over: whoever the policy names for it is told, else the threads and the administrators. */
export async function tellNobodyAnswered(
  scope: OrgTx,
  escalation: { id: string; round: number; incident: Escalating & { version: number } },
  policy: Policy,
): Promise<void> {
  const { tx, orgId, now } = scope
  const { incident, round } = escalation
  const rounds = round === 1 ? 'one round' : `${round} rounds`
  const label = onIncident(incident, plain)
  const entry = { operation: 'escalation_exhausted', incidentId: incident.id, new: { rounds: round }, label }
  await writeAudits(tx, timer(orgId), [entry], now)
  const sentence = `Nobody acknowledged ${incident.key} in ${rounds} of the policy ${policy.name}. Paging has stopped; to start again: escalate ${incident.key}`
  const outcome = sentenceOf(incident, sentence)
  await announceChanges(tx, orgId, [{ incident, note: outcome }])
  if (policy.nobody) {
    const steps = [{ afterSeconds: 0, notify: [policy.nobody], actions: [] }]
    const last = { ...policy, steps, repeats: 0, nobody: undefined }
    const progress = { round: round + 1, step: 0, dueAt: now }
    const why = `Nobody answered in ${rounds}. Paging has stopped.`
    await pageSteps(scope, [{ escalationId: escalation.id, incident, policy: last, progress, why }])
  } else if (incident.private) await tellItsOwn(tx, orgId, incident, outcome)
  else await tellAdministrators(tx, orgId, incident, outcome)
}

/** A private incident concerns whoever reported it and whoever has it. */
async function tellItsOwn(
  tx: OrgTx['tx'],
  orgId: string,
  incident: Escalating,
  outcome: Outcome,
): Promise<void> {
  const own = await tx
    .selectFrom('incidents')
    .select(['reporter_id', 'assignee_id'])
    .where('org_id', '=', orgId)
    .where('id', '=', incident.id)
    .executeTakeFirstOrThrow()
  const people = [own.reporter_id, own.assignee_id].filter((id) => id !== null)
  await tellPeople(tx, orgId, [...new Set(people)], outcome, { incidentId: incident.id })
}

const sentenceOf = (incident: Escalating, text: string): Outcome => ({
  parts: [{ kind: 'sentence', label: onIncident(incident, plain), text }],
})

async function tellAdministrators(
  tx: OrgTx['tx'],
  orgId: string,
  incident: Escalating,
  outcome: Outcome,
): Promise<void> {
  await tellPeople(tx, orgId, await administratorIds(tx, orgId), outcome, { incidentId: incident.id })
}
