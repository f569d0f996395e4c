import type { Tx } from '../db/pool.ts'
import { onIncident, plain } from './labels.ts'
import type { Part } from './outcome.ts'

/** The latest comments of an incident, oldest of them first; internal ones under their own label. */
export async function loadComments(
  tx: Tx,
  incident: { org_id: string; id: string; private: boolean },
  options: { most: number },
): Promise<Part[]> {
  const rows = await tx
    .selectFrom('comments')
    .leftJoin('people', (join) =>
      join.onRef('people.org_id', '=', 'comments.org_id').onRef('people.id', '=', 'comments.author_id'),
    )
    .select([
      'comments.visibility',
      'comments.body',
      'comments.created_at',
      'comments.author_id',
      'people.name',
    ])
    .where('comments.org_id', '=', incident.org_id)
    .where('comments.incident_id', '=', incident.id)
    .orderBy('comments.created_at', 'desc')
    .limit(options.most)
    .execute()
  return rows.reverse().map((row) => ({
    kind: 'comment',
    label: onIncident(incident, row.visibility === 'internal' ? ['view_internal'] : plain),
    authors: [row.author_id ?? 'unknown'],
    visibility: row.visibility,
    by: row.name ?? 'unknown',
    at: row.created_at.toISOString(),
    text: row.body,
  }))
}
