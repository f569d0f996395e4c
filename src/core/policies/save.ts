import { sql } from 'kysely'
import type { Tx } from '../../db/pool.ts'
import { uuid } from '../../db/uuid.ts'
import { conflict } from '../../errors.ts'
import { canonical } from '../configuration/step.ts'
import type { StoredPolicy } from './load.ts'
import { type Conditional, conditionKeys, isTie } from './match.ts'
import type { Conditions, Policy, Step, Target } from './policy.ts'

export type NewPolicy = {
  name: string
  conditions: Conditions
  steps: Step[]
  repeats: number
  nobody?: Target
  acknowledgedForSeconds?: number
}

/** Policies of an organisation are changed one after another, so that two at once make no tie. */
export async function lockPolicies(tx: Tx, orgId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`policies ${orgId}`}, 0))`.execute(tx)
}

/** What of a policy makes a version; the rest says when it is taken. */
const contentOf = ({ steps, repeats, nobody, acknowledgedForSeconds }: NewPolicy | Policy) =>
  canonical({ steps, repeats, nobody, acknowledgedForSeconds })

/**
 * Creates a policy, or changes `before` into what is given: a change of its steps, repeats, end or acknowledged time
 * is a new version, and what runs keeps its own.
 */
export async function savePolicy(
  tx: Tx,
  orgId: string,
  wanted: NewPolicy,
  { before, fromFile = false }: { before?: StoredPolicy; fromFile?: boolean } = {},
): Promise<{ id: string; version: number }> {
  const id = before?.id ?? uuid()
  const renewed = !before || contentOf(before) !== contentOf(wanted)
  const version = before ? before.version + (renewed ? 1 : 0) : 1
  const { priority, teamId, category, department, serviceId } = wanted.conditions
  const columns = {
    name: wanted.name,
    version,
    min_priority: priority ?? null,
    team_id: teamId ?? null,
    category: category ?? null,
    department: department ?? null,
    service_id: serviceId ?? null,
    from_file: fromFile,
  }
  await (before
    ? tx.updateTable('policies').set(columns).where('org_id', '=', orgId).where('id', '=', id).execute()
    : tx
        .insertInto('policies')
        .values({ org_id: orgId, id, ...columns, removed_at: null })
        .execute())
  if (renewed) {
    await tx
      .insertInto('policy_versions')
      .values({
        org_id: orgId,
        policy_id: id,
        version,
        steps: JSON.stringify(wanted.steps),
        repeats: wanted.repeats,
        nobody: wanted.nobody ? JSON.stringify(wanted.nobody) : null,
        acknowledged_for: wanted.acknowledgedForSeconds ?? null,
      })
      .execute()
  }
  return { id, version }
}

/**
 * It is taken for nothing new; its versions stay for the escalations that hold them. Its conditions go, so that it
 * holds on to no category or service that somebody removes.
 */
export async function removePolicy(tx: Tx, orgId: string, id: string): Promise<void> {
  await sql`update policies set removed_at = tocsin_now(), from_file = false,
      team_id = null, category = null, department = null, service_id = null
    where org_id = ${orgId} and id = ${id}`.execute(tx)
}

/** The first of the others that nothing would tell from it. */
export const tiedWith = <P extends Conditional>(one: Conditional, others: readonly P[]): P | undefined =>
  others.find((other) => isTie(one, other))

/** What to do about a tie: a condition that the other has and this one lacks, or any at all. */
export function tieSentence(one: Conditional, other: Conditional): string {
  const lacked = conditionKeys(other).find((key) => one.conditions[key] === undefined)
  const said = `${one.name} and ${other.name} would fit the same incidents, and neither is more specific.`
  const way = lacked
    ? `Add ${other.name}'s ${words[lacked]} to ${one.name} as well, or another condition to one of them.`
    : `Add a condition to ${one.name}, or remove ${other.name}.`
  return `${said} ${way}`
}

const words = {
  priority: 'priority',
  teamId: 'team',
  category: 'category',
  department: 'department',
  serviceId: 'service',
} as const

/** @throws TocsinError conflict that names the other policy and what to add. */
export function refuseTie(one: Conditional, others: readonly Conditional[]): void {
  const other = tiedWith(one, others)
  if (other) throw conflict(tieSentence(one, other), { field: 'priority' })
}
