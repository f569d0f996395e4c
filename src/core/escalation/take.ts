import { sql } from 'kysely'
import type { OrgTx } from '../../db/pool.ts'
import type { Priority } from '../../db/schema.ts'
import { announceChanges, type ChannelTarget, noteIn } from '../announce.ts'
import { type AuditEntry, writeAudits } from '../audit.ts'
import { publishEvents } from '../events.ts'
import { about } from '../incidents.ts'
import { onIncident, plain } from '../labels.ts'
import { isOpen } from '../lifecycle.ts'
import type { Outcome } from '../outcome.ts'
import { refreshPages } from '../pages/refresh.ts'
import { loadPolicies } from '../policies/load.ts'
import { builtIn, type Policy } from '../policies/policy.ts'
import { act } from './act.ts'
import { type Escalating, type Escalation, endEscalation, insertEscalation, timer } from './escalation.ts'
import { tellNobodyAnswered } from './nobody.ts'
import { hasReached, type Paged, pageSteps, type StepWork } from './page-steps.ts'
import { advanced, beginning, nextOf } from './progress.ts'
import { reevaluate } from './reevaluate.ts'

export type Claimed = Escalation & {
  incident: Escalating & { version: number; updated_at: Date }
}

/** What came of a look at due escalations. `left`: locked by somebody who is changing the incident right now. */
export type Taken = { left: string[]; steps: { latenessSeconds: number }[] }

/**
 * Goes on with escalations that this process has leased and that are due: pages the next step, wakes a snoozed one,
 * escalates an acknowledged one on which nothing happens, ends one that nobody answered. The incident's row is locked
 * first, as every operation does, so that after an acknowledgement commits nothing is paged any more; whose incident
 * is locked by somebody else is left for the next look.
 */
export async function takeDue(scope: OrgTx, leaseId: string, ids: string[]): Promise<Taken> {
  const claimed = await lockDue(scope, leaseId, ids)
  const policies = await policiesOf(scope, claimed)
  const steps: StepWork[] = []
  for (const each of claimed) {
    const policy = policies(each)
    if (!isOpen(each.incident.status)) {
      await endEscalation(scope.tx, scope.orgId, each.id, 'stopped', scope.now)
    } else if (each.state === 'snoozed') await wake(scope, each)
    else if (each.state === 'acknowledged') await escalateAgain(scope, each, policy)
    else if (nextOf(policy, each) === 'end') await exhaust(scope, each, policy)
    else steps.push({ escalationId: each.id, incident: each.incident, policy, progress: each })
  }
  await takeSteps(scope, steps)
  const found = new Set(claimed.map(({ id }) => id))
  return {
    left: ids.filter((id) => !found.has(id)),
    steps: steps.map(({ progress }) => ({
      latenessSeconds: (scope.now.getTime() - progress.dueAt.getTime()) / 1000,
    })),
  }
}

/**
 * Takes one step of each: what it does, whom it pages, the audit, the cards and threads.
 * @param shownIn of one new incident: where its cards are about to stand.
 */
export async function takeSteps(
  scope: OrgTx,
  works: StepWork[],
  shownIn?: ChannelTarget[],
): Promise<Paged[]> {
  if (!works.length) return []
  const { tx, orgId, now } = scope
  const ready: StepWork[] = []
  for (const work of works) ready.push(await act(scope, work))
  const { rows } = await sql<{ id: string; version: number }>`
    update incidents set version = version + 1
    where org_id = ${orgId} and id = any(${ready.map(({ incident }) => incident.id)}::uuid[])
    returning id, version`.execute(tx)
  const versions = new Map(rows.map(({ id, version }) => [id, version]))
  const paged = await pageSteps(
    scope,
    ready.map((work) => ({
      ...work,
      incident: { ...work.incident, version: versions.get(work.incident.id)! },
    })),
  )
  await moveOn(scope, paged)
  await writeAudits(tx, timer(orgId), paged.filter(isTold).map(auditOf), now)
  // A step that reached nobody is a line of the timeline; that nobody at all is reached is said by itself.
  const notes = paged.map((each) => ({
    incident: each.work.incident,
    note: hasReached(each) ? noteOf(each, now) : undefined,
  }))
  if (!shownIn) await announceChanges(tx, orgId, notes)
  else if (notes[0]!.note) await noteIn(tx, orgId, shownIn, notes[0]!.incident.id, notes[0]!.note)
  const climbed = paged.filter(({ work }) => work.by || work.progress.step > 0 || work.progress.round > 1)
  for (const [by, group] of Map.groupBy(climbed, ({ work }) => work.by?.name)) {
    const incidents = group.map(({ work }) => work.incident)
    await publishEvents(tx, orgId, 'incident.escalated', incidents, { by, at: now })
  }
  for (const [index, { incident }] of ready.entries()) {
    if (incident.priority === works[index]!.incident.priority) continue
    await refreshPages(tx, orgId, incident.id)
    await reevaluate(scope, incident, timer(orgId))
  }
  return paged
}

async function moveOn({ tx, orgId }: OrgTx, paged: Paged[]): Promise<void> {
  const next = paged.map((each) => advanced(each.work.policy, each.work.progress, hasReached(each)))
  await sql`update escalations e set state = 'running', round = n.round, step = n.step, due_at = n.due_at,
      remaining = null, lease_until = '-infinity', lease_id = null, late_told_at = null
    from unnest(${paged.map(({ work }) => work.escalationId)}::uuid[], ${next.map(({ round }) => round)}::int[],
      ${next.map(({ step }) => step)}::int[], ${next.map(({ dueAt }) => dueAt)}::timestamptz[])
      as n (id, round, step, due_at)
    where e.org_id = ${orgId} and e.id = n.id`.execute(tx)
}

/** By hand it is told as the person's own; that the built-in policy means nobody was said when it began. */
const isTold = (each: Paged): boolean =>
  !each.work.by && (hasReached(each) || each.unreachable.length > 0 || each.work.policy.id !== undefined)

/** `2 of 3`, and the round where it is not the first. */
export const stepWords = ({ policy, progress }: StepWork): string =>
  `${progress.step + 1} of ${policy.steps.length}${progress.round > 1 ? `, round ${progress.round}` : ''}`

export const auditOf = (each: Paged): AuditEntry => {
  const { work, people, unreachable, channels } = each
  const named = (list: { name: string }[]) => list.map(({ name }) => name).join(', ')
  return {
    operation: 'escalation_step',
    incidentId: work.incident.id,
    version: work.incident.version,
    new: {
      step: stepWords(work),
      policy: work.policy.name,
      ...(people.length && { paged: named(people) }),
      ...(channels && { channels }),
      ...(unreachable.length && { not_reachable: named(unreachable) }),
      ...(!hasReached(each) && { reached: 'nobody' }),
    },
    label: onIncident(work.incident, plain),
  }
}

export const noteOf = ({ work, people, channels }: Paged, now: Date): Outcome => {
  const { incident } = work
  const whom = people.map(({ name }) => name).join(', ') || (channels ? 'a channel' : 'nobody')
  return {
    parts: [
      {
        kind: 'change',
        label: onIncident(incident, plain),
        change: work.by ? 'escalated' : 'paged',
        key: incident.key,
        by: work.by?.name ?? 'Tocsin',
        at: now.toISOString(),
        whom,
        to: stepWords(work),
      },
    ],
  }
}

async function lockDue({ tx, orgId, now }: OrgTx, leaseId: string, ids: string[]): Promise<Claimed[]> {
  const { rows } = await sql<
    Omit<Claimed, 'incident'> & Omit<Claimed['incident'], 'id'> & { priority: Priority }
  >`
    select e.id, e.incident_id as "incidentId", e.policy_id as "policyId", e.policy_version as "policyVersion",
      e.state, e.round, e.step, e.due_at as "dueAt", e.remaining, i.org_id, i.key, i.title, i.priority, i.private,
      i.team_id, i.category, i.department, i.status, i.version, i.updated_at
    from escalations e join incidents i on i.org_id = e.org_id and i.id = e.incident_id
    where e.org_id = ${orgId} and e.id = any(${ids}::uuid[]) and e.lease_id = ${leaseId}
      and e.state in ('running', 'snoozed', 'acknowledged') and e.due_at <= ${now}
    order by i.id for update of i, e skip locked`.execute(tx)
  return rows.map((row) => {
    const { key, title, priority, team_id, category, department, status, version, updated_at, ...rest } = row
    return {
      ...rest,
      incident: {
        org_id: orgId,
        id: row.incidentId,
        private: row.private,
        ...{ key, title, priority, team_id, category, department, status, version, updated_at },
      },
    }
  })
}

async function policiesOf({ tx, orgId }: OrgTx, claimed: Claimed[]): Promise<(each: Claimed) => Policy> {
  const refs = new Map(
    claimed.flatMap(({ policyId, policyVersion }) =>
      policyId ? [[`${policyId} ${policyVersion}`, { id: policyId, version: policyVersion! }] as const] : [],
    ),
  )
  const loaded = await loadPolicies(tx, orgId, [...refs.values()])
  return ({ policyId, policyVersion }) => (policyId ? loaded.get(`${policyId} ${policyVersion}`)! : builtIn)
}

/** Over the snooze it goes on with the time that was left when it began. */
async function wake({ tx, orgId, now }: OrgTx, each: Claimed): Promise<void> {
  const dueAt = new Date(each.dueAt.getTime() + (each.remaining ?? 0) * 1000)
  await tx
    .updateTable('escalations')
    .set({
      state: 'running',
      due_at: dueAt,
      remaining: null,
      lease_until: sql<Date>`'-infinity'`,
      lease_id: null,
    })
    .where('org_id', '=', orgId)
    .where('id', '=', each.id)
    .execute()
  const entry = {
    operation: 'snooze_over',
    incidentId: each.incidentId,
    label: onIncident(each.incident, plain),
  }
  await writeAudits(tx, timer(orgId), [entry], now)
}

/** Nothing has happened on an acknowledged incident for as long as its policy lets it rest: once more from the start. */
async function escalateAgain(scope: OrgTx, each: Claimed, policy: Policy): Promise<void> {
  const { tx, orgId, now } = scope
  const rest = policy.acknowledgedForSeconds ?? Number.POSITIVE_INFINITY
  const until = new Date(each.incident.updated_at.getTime() + rest * 1000)
  if (until > now) {
    await tx
      .updateTable('escalations')
      .set({ due_at: until, lease_until: sql<Date>`'-infinity'`, lease_id: null })
      .where('org_id', '=', orgId)
      .where('id', '=', each.id)
      .execute()
    return
  }
  await endEscalation(tx, orgId, each.id, 'stopped', now)
  await tx
    .updateTable('incidents')
    .set((eb) => ({ acknowledged_at: null, acknowledged_by: null, version: eb('version', '+', 1) }))
    .where('org_id', '=', orgId)
    .where('id', '=', each.incidentId)
    .execute()
  const progress = beginning(policy, now)
  await insertEscalation(tx, orgId, each.incidentId, policy, progress)
  const { incident } = each
  const part = {
    kind: 'sentence' as const,
    label: onIncident(incident, plain),
    text: `${incident.key} escalates again: it was acknowledged, and nothing has happened on it since.`,
  }
  const entry = {
    operation: 'escalation_again',
    incidentId: incident.id,
    version: incident.version + 1,
    new: { policy: policy.name },
    label: onIncident(incident, plain),
  }
  await writeAudits(tx, timer(orgId), [entry], now)
  const shown = { ...incident, version: incident.version + 1 }
  await announceChanges(tx, orgId, [{ incident, note: { incident: about(shown), parts: [part] } }])
}

async function exhaust(scope: OrgTx, each: Claimed, policy: Policy): Promise<void> {
  await endEscalation(scope.tx, scope.orgId, each.id, 'exhausted', scope.now)
  await tellNobodyAnswered(scope, each, policy)
}
