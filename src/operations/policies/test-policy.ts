import { z } from 'zod'
import { about } from '../../core/incidents.ts'
import { onIncident, plain, union } from '../../core/labels.ts'
import { isOpen } from '../../core/lifecycle.ts'
import type { Part } from '../../core/outcome.ts'
import { livePolicies } from '../../core/policies/load.ts'
import { choose, compare, fits, servicesOf } from '../../core/policies/match.ts'
import { loadNames, writtenConditions } from '../../core/policies/names.ts'
import { builtIn, type Policy } from '../../core/policies/policy.ts'
import { conditionWords } from '../../core/policies/print-steps.ts'
import { isReached, rehearse } from '../../core/policies/rehearse.ts'
import { defineOperation, type Scope } from '../define.ts'
import { incidentKey } from '../perform.ts'
import { policyLabel } from './manage.ts'
import { rehearsalLines } from './rehearsal-lines.ts'

export const testPolicy = defineOperation({
  name: 'test_policy',
  summary: 'Show who would be told of an incident and when, if nobody acknowledged it from now on.',
  input: z.strictObject({ incident: incidentKey }),
  subject: 'incident',
  permission: 'manage_policies',
  effect: 'read',
  undone: 'The policy of KEY was not tested',
  tool: false,
  verb: {
    words: ['policies', 'test'],
    usage: 'policies test [INC]',
    parse: (rest) => (rest ? undefined : {}),
  },
  run: async (scope) => {
    const { tx, orgId, incident } = scope
    const policies = await livePolicies(tx, orgId)
    const services = (await servicesOf(tx, orgId, [incident])).get(incident.id) ?? []
    const fitting = policies.filter((policy) => fits(policy, incident, services)).sort(compare)
    const policy = fitting[0] ?? { ...builtIn, conditions: {} }
    const rehearsal = await rehearse(scope, policy, incident)
    const others = policies.filter(({ id }) => id !== policy.id)
    const names = await loadNames(tx, orgId, [policy, ...others])
    const whenOf = ({ conditions }: { conditions: typeof policy.conditions }) =>
      conditionWords(writtenConditions(conditions, names))
    const label = union(policyLabel, onIncident(incident, plain))
    const sentence = (text: string): Part => ({ kind: 'sentence', label, text })
    const reason = fitting.length ? `it applies to ${whenOf(policy)}` : 'no policy covers it'
    const parts = [sentence(`${incident.key} follows the policy ${policy.name}: ${reason}.`)]
    if (fitting.length > 1) {
      const less = fitting.slice(1).map((each) => `${each.name} (${whenOf(each)})`)
      parts.push(sentence(`Less specific: ${less.join(', ')}.`))
    }
    const rest = restWords(incident)
    if (rest) parts.push(sentence(rest))
    const held = await heldOtherwise(scope, policy)
    if (held) {
      const text = `The escalation that runs keeps the policy it began with: ${held}. Below is what a new one would do.`
      parts.push(sentence(text))
    }
    if (!rehearsal.steps.some(({ told }) => told.some(isReached))) {
      parts.push(sentence('It would reach nobody.'))
    }
    const zone = await zoneOf(scope)
    parts.push({
      kind: 'lines',
      label,
      authors: names.authors,
      title: `Who would be told when (${zone})`,
      lines: rehearsalLines(rehearsal, names, { zone, now: scope.now }),
    })
    const raised = rehearsal.steps.find(({ priority }) => priority !== incident.priority)
    const then =
      raised && (choose(policies, { ...incident, priority: raised.priority }, services)?.name ?? builtIn.name)
    if (raised && then !== policy.name) {
      parts.push(sentence(`Once it is ${raised.priority}, the policy ${then} applies instead.`))
    }
    return { incident: about(incident), parts }
  },
})

/** Why nothing of it happens as things stand. */
function restWords({ key, status, acknowledged_at }: Scope<'incident'>['incident']): string | undefined {
  if (!isOpen(status)) return `${key} is ${status}: nobody is paged for it.`
  if (acknowledged_at) return `${key} is acknowledged: nobody is paged for it while that holds.`
  return undefined
}

/** The policy of a running escalation, where it is not the one that applies now. */
async function heldOtherwise(
  { tx, orgId, incident }: Scope<'incident'>,
  policy: Policy,
): Promise<string | undefined> {
  const held = await tx
    .selectFrom('escalations')
    .leftJoin('policies', (join) =>
      join
        .onRef('policies.org_id', '=', 'escalations.org_id')
        .onRef('policies.id', '=', 'escalations.policy_id'),
    )
    .select(['escalations.policy_id', 'escalations.policy_version', 'policies.name'])
    .where('escalations.org_id', '=', orgId)
    .where('escalations.incident_id', '=', incident.id)
    .where('escalations.state', 'in', ['running', 'snoozed', 'acknowledged'])
    .executeTakeFirst()
  if (!held) return undefined
  if (held.policy_id === (policy.id ?? null) && held.policy_version === (policy.version ?? null)) {
    return undefined
  }
  return held.name ? `${held.name}, version ${held.policy_version}` : builtIn.name
}

/** The asker's own clock, where it is known. */
async function zoneOf({ tx, orgId, standing }: Scope<'incident'>): Promise<string> {
  const { time_zone } = await tx
    .selectFrom('people')
    .select('time_zone')
    .where('org_id', '=', orgId)
    .where('id', '=', standing.personId)
    .executeTakeFirstOrThrow()
  return time_zone ?? 'UTC'
}
