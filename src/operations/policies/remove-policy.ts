import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import { loadNames, writtenOf } from '../../core/policies/names.ts'
import { policyWords } from '../../core/policies/print-steps.ts'
import { lockPolicies, removePolicy as remove } from '../../core/policies/save.ts'
import { defineOperation } from '../define.ts'
import { joined, tokens } from '../people/words.ts'
import { auditLabel, namedPolicy, policyLabel, refuseFilePolicy } from './manage.ts'

export const removePolicy = defineOperation({
  name: 'remove_policy',
  summary: 'Remove an escalation policy; escalations that run go on as they began.',
  input: z.strictObject({ policy: line(60) }),
  permission: 'manage_policies',
  effect: 'write',
  undone: 'The policy was not removed',
  tool: false,
  verb: {
    words: ['policies', 'remove'],
    usage: 'policies remove NAME',
    parse: (rest) => {
      const policy = joined(tokens(rest))
      return policy ? { policy } : undefined
    },
  },
  run: async (scope, { policy: words }) => {
    const { tx, orgId } = scope
    await lockPolicies(tx, orgId)
    const policy = await namedPolicy(scope, words)
    refuseFilePolicy(policy, 'removed')
    const old = policyWords(writtenOf(policy, await loadNames(tx, orgId, [policy])))
    await remove(tx, orgId, policy.id)
    await scope.audit({ operation: 'remove_policy', subject: policy.name, old, label: auditLabel })
    const text = `Policy ${policy.name} is gone. Escalations that it began go on.`
    return { parts: [{ kind: 'sentence', label: policyLabel, text }] }
  },
})
