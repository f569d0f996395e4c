import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import { type Label, union } from '../../core/labels.ts'
import { defineOperation } from '../define.ts'
import { type AuditRow, readableAudit } from './audit-rows.ts'

const most = 20
const label: Label = ['view_audit']

export const searchAudit = defineOperation({
  name: 'search_audit',
  summary: 'Search the audit log: who did what when, by incident, person or word.',
  input: z.object({ text: line(120).optional(), page: z.coerce.number().int().min(1).max(500).default(1) }),
  permission: 'view_audit',
  effect: 'read',
  undone: 'The audit log is not shown',
  tool: false,
  verb: { words: ['audit'], usage: 'audit [TEXT|INC-001|PERSON] [page N]', parse },
  run: async (scope, { text, page }) => {
    const found = await readableAudit(scope, text, { most: most + 1, skip: (page - 1) * most })
    if (!found.length) {
      const nothing = text
        ? `The audit log has nothing on ${text} that you may see.`
        : 'The audit log is empty.'
      return { parts: [{ kind: 'sentence', label, text: page > 1 ? 'That was all.' : nothing }] }
    }
    const rows = found.slice(0, most)
    const labels = union(label, ...rows.map((row) => row.label))
    const more = found.length > most
    return {
      parts: [
        {
          kind: 'lines',
          label: labels,
          authors: [...new Set(rows.map((row) => row.actor_id ?? 'unknown'))],
          title: text ? `Audit: ${text}` : 'Audit',
          lines: rows.map(describe),
        },
        ...(more
          ? [
              {
                kind: 'sentence' as const,
                label,
                text: `More: audit ${text ? `${text} ` : ''}page ${page + 1} · the whole: audit export${text ? ` ${text}` : ''}`,
              },
            ]
          : []),
      ],
    }
  },
})

function parse(rest: string): Record<string, unknown> {
  const words = rest.trim().replaceAll(/\s+/g, ' ')
  const page = /(?:^| )page (\d{1,9})$/i.exec(words)
  const text = page ? words.slice(0, page.index) : words
  return { ...(text ? { text } : {}), ...(page ? { page: page[1] } : {}) }
}

const describe = (row: AuditRow): string => {
  // A refusal's subject says the operation again, and then what was missing.
  const subject = row.subject?.replace(`${row.operation} `, '')
  const about =
    row.key && subject?.endsWith(row.key)
      ? [row.key, subject.replace(row.key, '').trim()]
      : [row.key, subject]
  const what = row.outcome === 'done' ? row.operation : `${row.operation} ${row.outcome}`
  const values = changes(row)
  return [
    `${row.at.toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    `${row.actor} (${row.surface.replaceAll('_', ' ')})`,
    [what, ...about].filter(Boolean).join(' '),
    ...(values ? [values] : []),
  ].join(' · ')
}

/** `rank user → manager`, each value cut to what a line can hold. */
function changes({ old, new: now }: AuditRow): string {
  const names = [...new Set([...Object.keys(old ?? {}), ...Object.keys(now ?? {})])]
  return names
    .map((name) => {
      const from = short(old?.[name])
      const to = short(now?.[name])
      return from === undefined ? `${name} ${to ?? 'none'}` : `${name} ${from} → ${to ?? 'none'}`
    })
    .join(', ')
}

const short = (value: unknown): string | undefined => {
  if (value === undefined || value === null) return undefined
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 79).toWellFormed()}…` : text
}
