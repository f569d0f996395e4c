import { z } from 'zod'
import { line, paragraph } from '../../core/clean-text.ts'
import { difference } from '../../core/configuration/step.ts'
import { readDuration } from '../../core/duration.ts'
import { priorities } from '../../core/incidents.ts'
import { livePolicies, type StoredPolicy } from '../../core/policies/load.ts'
import { loadNames, writtenOf } from '../../core/policies/names.ts'
import { parseSave } from '../../core/policies/parse-save.ts'
import { parseOneTarget, parseSteps } from '../../core/policies/parse-steps.ts'
import { conditionWords, policyWords } from '../../core/policies/print-steps.ts'
import { resolveConditions, resolveNobody, resolveSteps } from '../../core/policies/resolve.ts'
import { lockPolicies, type NewPolicy, refuseTie, savePolicy as save } from '../../core/policies/save.ts'
import { conflict } from '../../errors.ts'
import { defineOperation, type Scope } from '../define.ts'
import { auditLabel, namedPolicy, policyLabel, refuseFilePolicy } from './manage.ts'
import { policyLines } from './say.ts'

const duration = line(12)
  .pipe(z.string().refine((text) => readDuration(text), 'must be a duration such as 30m, at most 366d'))
  .transform((text) => readDuration(text)!)

const input = z.strictObject({
  name: line(60),
  priority: line(2)
    .transform((text) => text.toUpperCase())
    .pipe(z.enum(priorities))
    .optional()
    .describe('this priority and the more urgent ones'),
  team: line(60).optional(),
  category: line(60).optional(),
  department: line(60).optional(),
  service: line(80).optional(),
  steps: paragraph(3000),
  repeats: z.coerce
    .number('must be a number')
    .int('must be a whole number')
    .min(0, 'must be 0 to 100')
    .max(100, 'must be 0 to 100')
    .default(0),
  nobody: line(200).optional(),
  acknowledged_for: duration.optional(),
  policy: line(60).optional().describe('the one that a dialog was opened for; it may get another name'),
  version: z.coerce.number().int().optional().describe('the version that the dialog showed'),
  create: z.literal('yes').optional().describe('a new one: one of this name is not changed'),
})
type Input = z.infer<typeof input>

/** A policy is saved whole: what is not said is not in it. */
export const savePolicy = defineOperation({
  name: 'save_policy',
  summary: 'Create or change an escalation policy: when it applies, whom it tells after how long.',
  input,
  permission: 'manage_policies',
  effect: 'write',
  undone: 'The policy was not saved',
  tool: false,
  verb: {
    words: ['policies', 'save'],
    usage:
      'policies save NAME [when priority=P2 team=TEAM] steps 0s schedule NAME; 5m team_lead in team [repeat N] [nobody channel ID] [acknowledged for 30m]',
    parse: parseSave,
  },
  run: async (scope, given) => {
    const { tx, orgId } = scope
    await lockPolicies(tx, orgId)
    const stored = await livePolicies(tx, orgId)
    const before = await changed(scope, stored, given)
    const wanted = await resolved(scope, given)
    const others = stored.filter(({ id }) => id !== before?.id)
    if (others.some(({ name }) => name.toLowerCase() === wanted.name.toLowerCase())) {
      throw conflict(`There is a policy ${wanted.name} already.`, { field: 'name' })
    }
    refuseTie(wanted, others)
    const names = await loadNames(tx, orgId, [wanted, ...(before ? [before] : [])])
    const written = writtenOf(wanted, names)
    const shown = policyWords(written)
    const difference = differenceOf(before && policyWords(writtenOf(before, names)), shown)
    const labelled = { label: policyLabel, authors: names.authors }
    if (!difference) {
      const text = `${wanted.name} is like that already. Nothing was changed.`
      return { parts: [{ kind: 'sentence', ...labelled, text }] }
    }
    await save(tx, orgId, wanted, { before })
    const subject = wanted.name
    await scope.audit({ operation: 'save_policy', subject, ...difference, label: auditLabel })
    const said = before ? 'changed; escalations that run go on as they began' : 'new'
    const applies = `It applies to ${conditionWords(written.when)}.`
    return {
      parts: [
        { kind: 'sentence', ...labelled, text: `Policy ${subject} is ${said}. ${applies}` },
        { kind: 'lines', ...labelled, title: `${subject}, step by step`, lines: policyLines(written) },
      ],
    }
  },
})

const differenceOf = (before: Record<string, unknown> | undefined, now: Record<string, unknown>) =>
  before ? difference(before, now) : { new: now }

/** The policy that is to change; undefined for a new one. */
async function changed(
  scope: Scope,
  stored: StoredPolicy[],
  { policy, name, version, create }: Input,
): Promise<StoredPolicy | undefined> {
  const named = stored.find((each) => each.name.toLowerCase() === name.toLowerCase())
  const before = policy ? await namedPolicy(scope, policy) : create ? undefined : named
  if (before) refuseFilePolicy(before, 'changed')
  if (before && version !== undefined && version !== before.version) {
    throw conflict(
      `${before.name} was changed by somebody meanwhile. Open it again: policies show ${before.name}`,
      {
        field: 'name',
      },
    )
  }
  return before
}

async function resolved({ tx, orgId, actor }: Scope, given: Input): Promise<NewPolicy> {
  const where = { tx, orgId, workspaceId: actor.place?.workspace.id, me: actor.personId }
  const { name, priority, team, category, department, service } = given
  const nobody = given.nobody ? parseOneTarget(given.nobody, 'nobody') : undefined
  const steps = parseSteps(given.steps)
  return {
    name,
    conditions: await resolveConditions(where, { priority, team, category, department, service }),
    steps: await resolveSteps(where, steps),
    repeats: given.repeats,
    ...(nobody && { nobody: await resolveNobody(where, nobody) }),
    ...(given.acknowledged_for && { acknowledgedForSeconds: given.acknowledged_for }),
  }
}
