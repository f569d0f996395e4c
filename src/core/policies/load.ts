import { sql } from 'kysely'
import type { Tx } from '../../db/pool.ts'
import type { Priority } from '../../db/schema.ts'
import type { Conditions, Policy, Step, Target } from './policy.ts'

/** A policy as it is taken for new incidents. */
export type StoredPolicy = Policy & {
  id: string
  version: number
  conditions: Conditions
  /** Set by the configuration file: verbs change nothing of it. */
  fromFile: boolean
}

export type PolicyRef = { id: string; version: number }

type VersionRow = {
  id: string
  version: number
  name: string
  steps: Step[]
  repeats: number
  nobody: Target | null
  acknowledged_for: number | null
}

const versionColumns = sql`p.id, v.version, p.name, v.steps, v.repeats, v.nobody, v.acknowledged_for`

const policyOf = (row: VersionRow) => ({
  id: row.id,
  version: row.version,
  name: row.name,
  steps: row.steps,
  repeats: row.repeats,
  ...(row.nobody && { nobody: row.nobody }),
  ...(row.acknowledged_for !== null && { acknowledgedForSeconds: row.acknowledged_for }),
})

/** One version of a policy, removed or not: what a running escalation holds. */
export async function loadPolicy(tx: Tx, orgId: string, id: string, version: number): Promise<Policy> {
  const policy = (await loadPolicies(tx, orgId, [{ id, version }])).get(`${id} ${version}`)
  if (!policy) throw new Error(`policy ${id} has no version ${version}`)
  return policy
}

/** Many at once, by `${id} ${version}`. */
export async function loadPolicies(
  tx: Tx,
  orgId: string,
  refs: readonly PolicyRef[],
): Promise<Map<string, Policy>> {
  if (!refs.length) return new Map()
  const { rows } = await sql<VersionRow>`
    select ${versionColumns}
    from unnest(${refs.map(({ id }) => id)}::uuid[], ${refs.map(({ version }) => version)}::int[])
      as wanted (id, version)
    join policies p on p.org_id = ${orgId} and p.id = wanted.id
    join policy_versions v on v.org_id = ${orgId} and v.policy_id = wanted.id and v.version = wanted.version
    `.execute(tx)
  return new Map(rows.map((row) => [`${row.id} ${row.version}`, policyOf(row)]))
}

type LiveRow = VersionRow & {
  min_priority: Priority | null
  team_id: string | null
  category: string | null
  department: string | null
  service_id: string | null
  from_file: boolean
}

/** The policies that are not removed, as they are now, by name. */
export async function livePolicies(tx: Tx, orgId: string): Promise<StoredPolicy[]> {
  const { rows } = await sql<LiveRow>`
    select ${versionColumns}, p.min_priority, p.team_id, p.category, p.department, p.service_id, p.from_file
    from policies p
    join policy_versions v on v.org_id = p.org_id and v.policy_id = p.id and v.version = p.version
    where p.org_id = ${orgId} and p.removed_at is null order by lower(p.name)`.execute(tx)
  return rows.map((row) => ({
    ...policyOf(row),
    conditions: {
      ...(row.min_priority && { priority: row.min_priority }),
      ...(row.team_id && { teamId: row.team_id }),
      ...(row.category && { category: row.category }),
      ...(row.department && { department: row.department }),
      ...(row.service_id && { serviceId: row.service_id }),
    },
    fromFile: row.from_file,
  }))
}
