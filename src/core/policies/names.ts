import { sql } from 'kysely'
import type { Tx } from '../../db/pool.ts'
import type { Conditions, Policy, Step, Target } from './policy.ts'
import type { WrittenAssignee, WrittenPolicy, WrittenStep, WrittenTarget } from './written.ts'

type Kind = 'person' | 'schedule' | 'team' | 'service' | 'webhook'

/** What the ids in policies are called; `authors`: the people among them whose names are their own words. */
export type Names = { of: (id: string) => string; authors: string[] }

/** A name that nothing answers to, so that a policy which is saved again says what is missing. */
const gone = (id: string) => `gone ${id.slice(0, 8)}`

type Named = Pick<Policy, 'steps' | 'nobody'> & { conditions: Conditions }

/** One query for any number of policies. */
export async function loadNames(tx: Tx, orgId: string, policies: readonly Named[]): Promise<Names> {
  const ids: Record<Kind, string[]> = { person: [], schedule: [], team: [], service: [], webhook: [] }
  const collect = (target: Target) => {
    if (target.type === 'person') ids.person.push(target.personId)
    if (target.type === 'schedule') ids.schedule.push(target.scheduleId)
    if (target.type === 'team') ids.team.push(target.teamId)
    if (target.type === 'webhook') ids.webhook.push(target.webhookId)
  }
  for (const { steps, nobody, conditions } of policies) {
    for (const { notify, actions } of steps) {
      notify.forEach(collect)
      for (const action of actions) if (action.type === 'assign') collect(action.to)
    }
    if (nobody) collect(nobody)
    if (conditions.teamId) ids.team.push(conditions.teamId)
    if (conditions.serviceId) ids.service.push(conditions.serviceId)
  }
  const { rows } = await sql<{ id: string; name: string; own: boolean }>`
    select id, coalesce(email, name) as name, email is null and not 'name' = any(file_fields) as own
      from people where org_id = ${orgId} and id = any(${ids.person}::uuid[])
    union all select id, name, false from schedules where org_id = ${orgId} and id = any(${ids.schedule}::uuid[])
    union all select id, name, false from teams where org_id = ${orgId} and id = any(${ids.team}::uuid[])
    union all select id, name, false from services where org_id = ${orgId} and id = any(${ids.service}::uuid[])
    union all select id, name, false from webhooks where org_id = ${orgId} and id = any(${ids.webhook}::uuid[])
    `.execute(tx)
  const names = new Map(rows.map(({ id, name }) => [id, name]))
  return {
    of: (id) => names.get(id) ?? gone(id),
    authors: rows.filter(({ own }) => own).map(({ id }) => id),
  }
}

export const writtenOf = (policy: Policy & { conditions: Conditions }, names: Names): WrittenPolicy => ({
  name: policy.name,
  when: writtenConditions(policy.conditions, names),
  steps: policy.steps.map((step) => writtenStep(step, names)),
  repeats: policy.repeats,
  ...(policy.nobody && { nobody: writtenTarget(policy.nobody, names) }),
  ...(policy.acknowledgedForSeconds && { acknowledgedForSeconds: policy.acknowledgedForSeconds }),
})

export const writtenConditions = (
  { priority, teamId, category, department, serviceId }: Conditions,
  names: Names,
): WrittenPolicy['when'] => ({
  ...(priority && { priority }),
  ...(teamId && { team: names.of(teamId) }),
  ...(category && { category }),
  ...(department && { department }),
  ...(serviceId && { service: names.of(serviceId) }),
})

export const writtenStep = ({ afterSeconds, notify, actions }: Step, names: Names): WrittenStep => ({
  afterSeconds,
  notify: notify.map((target) => writtenTarget(target, names)),
  actions: actions.map((action) =>
    action.type === 'assign'
      ? { type: 'assign', to: writtenTarget(action.to, names) as WrittenAssignee }
      : action,
  ),
})

export function writtenTarget(target: Target, names: Names): WrittenTarget {
  switch (target.type) {
    case 'person':
      return { type: 'person', name: names.of(target.personId) }
    case 'schedule':
      return { type: 'schedule', name: names.of(target.scheduleId) }
    case 'team':
      return { type: 'team', name: names.of(target.teamId) }
    case 'webhook':
      return { type: 'webhook', name: names.of(target.webhookId) }
    default:
      return target
  }
}
