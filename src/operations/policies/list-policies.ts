import { z } from 'zod'
import type { Part } from '../../core/outcome.ts'
import { livePolicies, type StoredPolicy } from '../../core/policies/load.ts'
import { compare } from '../../core/policies/match.ts'
import { loadNames, type Names, writtenOf } from '../../core/policies/names.ts'
import { builtIn } from '../../core/policies/policy.ts'
import { conditionWords } from '../../core/policies/print-steps.ts'
import { defineOperation } from '../define.ts'
import { policyButton, policyLabel } from './manage.ts'
import { policyLines } from './say.ts'

const most = 20

export const listPolicies = defineOperation({
  name: 'list_policies',
  summary: 'List the escalation policies: when each applies, and whom it tells after how long.',
  input: z.strictObject({}),
  permission: 'manage_policies',
  effect: 'read',
  undone: 'The policies are not shown',
  tool: false,
  verb: {
    words: ['policies'],
    usage: 'policies',
    parse: (rest) => (/^(list)?$/i.test(rest.trim()) ? {} : undefined),
  },
  run: async ({ tx, orgId }) => {
    const policies = (await livePolicies(tx, orgId)).sort(compare)
    const names = await loadNames(tx, orgId, policies)
    const count = policies.length === 1 ? '1 policy' : `${policies.length} policies`
    const parts: Part[] = [
      { kind: 'heading', label: policyLabel, text: `${count} and the built-in one` },
      ...policies.slice(0, most).flatMap((policy) => partsOf(policy, names)),
    ]
    const more = policies.length - most
    if (more > 0) {
      parts.push({ kind: 'sentence', label: policyLabel, text: `And ${more} more: policies show NAME.` })
    }
    const rest = { ...builtIn, conditions: {} }
    const applies = policies.length ? 'whatever no policy above covers' : 'every incident'
    parts.push({
      kind: 'lines',
      label: policyLabel,
      title: `${builtIn.name}: ${applies}`,
      lines: policyLines(writtenOf(rest, names)),
    })
    parts.push({ kind: 'dialogs', label: policyLabel, dialogs: [policyButton('New policy')] })
    return { parts }
  },
})

function partsOf(policy: StoredPolicy, names: Names): Part[] {
  const written = writtenOf(policy, names)
  const title = `${policy.name}: ${conditionWords(written.when)}${policy.fromFile ? ' · from the file' : ''}`
  return [
    { kind: 'lines', label: policyLabel, authors: names.authors, title, lines: policyLines(written) },
    ...(policy.fromFile
      ? []
      : [
          {
            kind: 'dialogs' as const,
            label: policyLabel,
            dialogs: [policyButton(`Edit ${policy.name}`, { policy: policy.name })],
          },
        ]),
  ]
}
