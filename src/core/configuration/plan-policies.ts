import { conflict } from '../../errors.ts'
import { livePolicies, type StoredPolicy } from '../policies/load.ts'
import { isTie } from '../policies/match.ts'
import { loadNames, writtenOf } from '../policies/names.ts'
import { policyWords } from '../policies/print-steps.ts'
import { lockPolicies, type NewPolicy, removePolicy, savePolicy, tieSentence } from '../policies/save.ts'
import { loadIds, spelt, stand } from './policy-names.ts'
import { writtenEntry } from './policy-schema.ts'
import { difference, type Planning, type Step } from './step.ts'

/**
 * Policies of the file are the file's. One that it no longer has stays, and verbs may change it again, unless one of
 * the file takes its place: fits the same incidents, so that both could not stand.
 */
export async function planPolicies(planning: Planning): Promise<Step[]> {
  const { tx, orgId, file } = planning
  await lockPolicies(tx, orgId)
  const stored = await livePolicies(tx, orgId)
  const names = await loadNames(tx, orgId, stored)
  const shown = (policy: StoredPolicy) => policyWords(writtenOf(policy, names))
  const idsNow = await loadIds(planning)
  const wanted = file.policies.map(writtenEntry).map((policy) => spelt(policy, planning, idsNow))
  const inFile = new Set(wanted.map(({ name }) => name.toLowerCase()))
  const leaving = stored.filter(({ name }) => !inFile.has(name.toLowerCase()))
  const replaced = new Set<string>()
  const steps: Step[] = []
  for (const policy of wanted) {
    const before = stored.find(({ name }) => name.toLowerCase() === policy.name.toLowerCase())
    const now = stand(policy, idsNow)
    for (const other of leaving.filter((each) => isTie(now, each))) {
      if (!other.fromFile) {
        throw conflict(`Nothing was applied: ${tieSentence(now, other)} Verbs change ${other.name}.`)
      }
      replaced.add(other.id)
    }
    if (before?.fromFile && !difference(exactly(before), exactly(now))) continue
    const changed = difference(before ? shown(before) : {}, policyWords(policy))
    steps.push({
      section: 'policies',
      action: before ? 'change' : 'add',
      subject: policy.name,
      ...(before && { old: changed?.old ?? { from_file: before.fromFile } }),
      new: changed?.new ?? { from_file: true },
      // Schedules and webhooks that the file adds have their ids by then.
      run: async () =>
        savePolicy(tx, orgId, stand(policy, await loadIds(planning)), { before, fromFile: true }),
    })
  }
  return [...leaving.flatMap((policy) => left(planning, policy, replaced.has(policy.id), shown)), ...steps]
}

function left(
  { tx, orgId }: Planning,
  policy: StoredPolicy,
  replaced: boolean,
  shown: (policy: StoredPolicy) => Record<string, unknown>,
): Step[] {
  if (!policy.fromFile) return []
  const subject = policy.name
  if (replaced) {
    const run = () => removePolicy(tx, orgId, policy.id)
    return [{ section: 'policies', action: 'remove', subject, old: shown(policy), run }]
  }
  const run = () =>
    tx
      .updateTable('policies')
      .set({ from_file: false })
      .where('org_id', '=', orgId)
      .where('id', '=', policy.id)
      .execute()
  return [{ section: 'policies', action: 'release', subject, run }]
}

/** What decides whether anything changed; ids, because what people and teams are called may change without it. */
const exactly = ({ name, conditions, steps, repeats, nobody, acknowledgedForSeconds }: NewPolicy) => ({
  name,
  conditions,
  steps,
  repeats,
  nobody: nobody ?? null,
  acknowledged: acknowledgedForSeconds ?? null,
})
