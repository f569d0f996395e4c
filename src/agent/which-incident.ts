import { type Label, mayRead, onIncident, plain, type Reader, union } from '../core/labels.ts'
import type { Tx } from '../db/pool.ts'

export type Candidate = { key: string; title: string; label: Label }

/** More than a person would pick from. */
const most = 50

/**
 * The incidents that a request without a key may mean, the most urgent first: the open ones that the asker may know
 * of; when there is none, the resolved ones, which can still be closed or reopened.
 */
export async function candidates(
  tx: Tx,
  orgId: string,
  readerFor: (incidentIds: string[]) => Promise<Reader>,
): Promise<Candidate[]> {
  for (const statuses of [['OPEN', 'IN_PROGRESS'] as const, ['RESOLVED'] as const]) {
    const rows = await tx
      .selectFrom('incidents')
      .select(['id', 'key', 'title', 'private'])
      .where('org_id', '=', orgId)
      .where('status', 'in', statuses)
      .orderBy('priority')
      .orderBy('created_at', 'desc')
      .limit(most)
      .execute()
    const reader = await readerFor(rows.filter((row) => row.private).map((row) => row.id))
    const known = rows
      .map((row) => ({ key: row.key, title: row.title, label: onIncident(row, plain) }))
      .filter((row) => mayRead(reader, row.label))
    if (known.length) return known
  }
  return []
}

/** What the model is told when a key is needed: keys alone, no words of anybody. */
export const whichNote = (open: Candidate[]) => ({
  note: {
    ok: false,
    error: 'which_incident',
    sentence: open.length
      ? `Which incident? Open: ${open
          .slice(0, 10)
          .map(({ key }) => key)
          .join(', ')}.`
      : 'There is no open incident.',
    open: open.slice(0, 10).map(({ key }) => key),
  },
  label: union(plain, ...open.slice(0, 10).map(({ label }) => label)),
})
