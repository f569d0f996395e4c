import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import { type Label, union } from '../../core/labels.ts'
import type { Part } from '../../core/outcome.ts'
import { defineOperation } from '../define.ts'
import { readableAudit } from './audit-rows.ts'

const label: Label = ['view_audit']
/** A chat message carries it; the whole log is `npm run audit -- export` on the server. */
const mostRows = 2_000
const mostCharacters = 200_000

export const exportAudit = defineOperation({
  name: 'export_audit',
  summary: 'Export the part of the audit log that you may see, as JSON lines.',
  input: z.object({ text: line(120).optional() }),
  permission: 'view_audit',
  effect: 'read',
  undone: 'The audit log was not exported',
  tool: false,
  verb: {
    words: ['audit', 'export'],
    usage: 'audit export [TEXT|INC-001|PERSON]',
    parse: (rest) => (rest.trim() ? { text: rest.trim() } : {}),
  },
  run: async (scope, { text }) => {
    const rows = await readableAudit(scope, text, { most: mostRows + 1 })
    const lines: string[] = []
    let size = 0
    for (const { actor_id: _, ...row } of rows.slice(0, mostRows)) {
      const written = JSON.stringify(row)
      size += written.length + 1
      if (size > mostCharacters) break
      lines.push(written)
    }
    await scope.audit({ operation: 'export_audit', new: { rows: lines.length, text }, label })
    const shown = rows.slice(0, lines.length)
    const cut = lines.length < rows.length
    const parts: Part[] = [
      {
        kind: 'sentence',
        label,
        text: cut
          ? `The newest ${lines.length} rows; there are more. Narrow it (audit export INC-001), or use npm run audit -- export on the server for the whole log.`
          : `${lines.length} rows, all that you may see${text ? ` on ${text}` : ''}.`,
      },
    ]
    if (lines.length) {
      parts.push({
        kind: 'document',
        name: `audit-${scope.now.toISOString().slice(0, 10)}.jsonl`,
        label: union(label, ...shown.map((row) => row.label)),
        authors: [...new Set(shown.map((row) => row.actor_id ?? 'unknown'))],
        text: lines.join('\n'),
      })
    }
    return { parts }
  },
})
