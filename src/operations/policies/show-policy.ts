import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import type { Part } from '../../core/outcome.ts'
import { loadNames, writtenOf } from '../../core/policies/names.ts'
import { conditionWords, printPolicy } from '../../core/policies/print-steps.ts'
import { defineOperation } from '../define.ts'
import { joined, tokens } from '../people/words.ts'
import { namedPolicy, policyButton, policyLabel } from './manage.ts'
import { policyLines } from './say.ts'

export const showPolicy = defineOperation({
  name: 'show_policy',
  summary: 'Show an escalation policy, and the line that would save it as it is.',
  input: z.strictObject({ policy: line(60) }),
  permission: 'manage_policies',
  effect: 'read',
  undone: 'The policy is not shown',
  tool: false,
  verb: {
    words: ['policies', 'show'],
    usage: 'policies show NAME',
    parse: (rest) => {
      const policy = joined(tokens(rest))
      return policy ? { policy } : undefined
    },
  },
  run: async (scope, { policy: words }) => {
    const policy = await namedPolicy(scope, words)
    const names = await loadNames(scope.tx, scope.orgId, [policy])
    const written = writtenOf(policy, names)
    const { name, fromFile, version } = policy
    const title = `${name}: ${conditionWords(written.when)}`
    const labelled = { label: policyLabel, authors: names.authors }
    const facts = [
      { name: 'Version', value: String(version) },
      ...(fromFile ? [{ name: 'Set by', value: 'the configuration file' }] : []),
    ]
    const parts: Part[] = [
      { kind: 'lines', ...labelled, title, lines: policyLines(written) },
      { kind: 'facts', label: policyLabel, facts },
    ]
    if (!fromFile) {
      parts.push(
        { kind: 'document', ...labelled, name: 'To change it', text: printPolicy(written) },
        { kind: 'dialogs', label: policyLabel, dialogs: [policyButton('Edit', { policy: name })] },
      )
    }
    return { parts }
  },
})
