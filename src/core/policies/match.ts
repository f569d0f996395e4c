import { sql } from 'kysely'
import type { Tx } from '../../db/pool.ts'
import type { Priority } from '../../db/schema.ts'
import { livePolicies } from './load.ts'
import { builtIn, type Conditions, type Policy } from './policy.ts'

/** An incident as far as policies look at it. */
export type Matched = {
  id: string
  priority: Priority
  team_id: string | null
  category: string | null
  department: string | null
}

export type Conditional = { name: string; conditions: Conditions }

/** The conditions that are set, in their order. */
export const conditionKeys = ({ conditions }: Pick<Conditional, 'conditions'>) =>
  (['priority', 'teamId', 'category', 'department', 'serviceId'] as const).filter(
    (key) => conditions[key] !== undefined,
  )

/** All that are set hold; `priority` holds for itself and the more urgent ones. */
export function fits(
  { conditions }: Pick<Conditional, 'conditions'>,
  incident: Matched,
  services: readonly string[],
) {
  const { priority, teamId, category, department, serviceId } = conditions
  return (
    (priority === undefined || incident.priority <= priority) &&
    (teamId === undefined || incident.team_id === teamId) &&
    (category === undefined || incident.category === category) &&
    (department === undefined || incident.department === department) &&
    (serviceId === undefined || services.includes(serviceId))
  )
}

/**
 * The order in which policies are taken: more conditions before fewer, then the narrower priority, then by name.
 * Names decide only between services of one incident, because other ties are refused when a policy is saved.
 */
export function compare(a: Conditional, b: Conditional): number {
  const more = conditionKeys(b).length - conditionKeys(a).length
  if (more) return more
  const [first, second] = [a.conditions.priority ?? 'none', b.conditions.priority ?? 'none']
  if (first !== second) return first === 'none' || (second !== 'none' && first > second) ? 1 : -1
  const [name, other] = [a.name.toLowerCase(), b.name.toLowerCase()]
  return name < other ? -1 : name > other ? 1 : 0
}

/** Whether one incident can meet both: it has one team, category and department, and any number of services. */
export const canBothFit = (a: Conditional, b: Conditional): boolean =>
  (['teamId', 'category', 'department'] as const).every(
    (key) =>
      a.conditions[key] === undefined ||
      b.conditions[key] === undefined ||
      a.conditions[key] === b.conditions[key],
  )

/**
 * Whether nothing says which of the two is taken for an incident that meets both. No tie: one asks for more, or both
 * for the same kinds of things and one for a narrower priority or for another service.
 */
export function isTie(a: Conditional, b: Conditional): boolean {
  const [keys, others] = [conditionKeys(a), conditionKeys(b)]
  if (keys.length !== others.length || !canBothFit(a, b)) return false
  if (keys.some((key) => !others.includes(key))) return true
  return (['priority', 'serviceId'] as const).every((key) => a.conditions[key] === b.conditions[key])
}

/** The most specific of those that fit; undefined when none does. */
export const choose = <P extends Conditional>(
  policies: readonly P[],
  incident: Matched,
  services: readonly string[],
): P | undefined => policies.filter((policy) => fits(policy, incident, services)).sort(compare)[0]

/** The policy for an incident as it is now; the built-in one where none fits. */
export async function policyFor(tx: Tx, orgId: string, incident: Matched): Promise<Policy> {
  return (await policiesFor(tx, orgId, [incident])).get(incident.id)!
}

/** The same for many at once, by the incident's id. */
export async function policiesFor(
  tx: Tx,
  orgId: string,
  incidents: readonly Matched[],
): Promise<Map<string, Policy>> {
  const policies = await livePolicies(tx, orgId)
  const services = policies.some(({ conditions }) => conditions.serviceId)
    ? await servicesOf(tx, orgId, incidents)
    : undefined
  return new Map(
    incidents.map((incident) => [
      incident.id,
      choose(policies, incident, services?.get(incident.id) ?? []) ?? builtIn,
    ]),
  )
}

export async function servicesOf(
  tx: Tx,
  orgId: string,
  incidents: readonly Matched[],
): Promise<Map<string, string[]>> {
  const ids = incidents.map(({ id }) => id)
  const { rows } = await sql<{ incident_id: string; services: string[] }>`
    select incident_id, array_agg(service_id) as services from incident_services
    where org_id = ${orgId} and incident_id = any(${ids}::uuid[]) group by incident_id`.execute(tx)
  return new Map(rows.map((row) => [row.incident_id, row.services]))
}
