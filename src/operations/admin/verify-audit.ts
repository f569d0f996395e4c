import { z } from 'zod'
import type { Label } from '../../core/labels.ts'
import { verifyAudit as verifyChain } from '../../core/seal-audit.ts'
import { defineOperation } from '../define.ts'

const label: Label = ['view_audit']

export const verifyAudit = defineOperation({
  name: 'verify_audit',
  summary: 'Check the audit log’s hash chain and name the first row that is not as it was written.',
  input: z.object({}),
  permission: 'view_audit',
  effect: 'read',
  undone: 'The audit log was not checked',
  tool: false,
  verb: {
    words: ['audit', 'verify'],
    usage: 'audit verify',
    parse: (rest) => (rest.trim() ? undefined : {}),
  },
  run: async ({ tx, orgId }) => {
    const found = await verifyChain(tx, orgId)
    const text = found.ok
      ? `The audit log is whole: ${found.sealed} rows sealed, ${found.unsealed} newer ones not sealed yet.`
      : `The audit log was tampered with. ${found.sealed} rows are right, then: ${found.firstBad.sentence}`
    const parts = [{ kind: 'sentence' as const, label, text }]
    if (!found.ok) return { parts }
    return {
      parts: [...parts, { kind: 'facts' as const, label, facts: [{ name: 'Head', value: found.head }] }],
    }
  },
})
