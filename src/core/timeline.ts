import { sql } from 'kysely'
import type { Tx } from '../db/pool.ts'
import { type Label, onIncident, type Requirement } from './labels.ts'
import type { Part } from './outcome.ts'

type Row = {
  at: Date
  actor: string
  actor_id: string | null
  operation: string
  old: Record<string, unknown> | null
  new: Record<string, unknown> | null
  label: Requirement[]
}

/** The audit's lines about one incident, newest first, each under its own label. Refusals are no part of it. */
export async function loadTimeline(
  tx: Tx,
  incident: { org_id: string; id: string; private: boolean },
  options: { most: number },
): Promise<(Part & { kind: 'entry' })[]> {
  const { rows } = await sql<Row>`
    select at, actor, actor_id, operation, old, new, label from audit
    where org_id = ${incident.org_id} and incident_id = ${incident.id} and outcome = 'done'
    order by at desc, recorded_at desc limit ${options.most}`.execute(tx)
  return rows.map((row) => {
    const label: Label = onIncident(incident, row.label)
    return {
      kind: 'entry',
      label,
      authors: holdsFreeText(row) ? [row.actor_id ?? 'unknown'] : undefined,
      entry: {
        at: row.at.toISOString(),
        by: row.actor,
        operation: row.operation,
        old: row.old ?? undefined,
        new: row.new ?? undefined,
      },
    }
  })
}

/** The values under these names are people's words; all others are keys, enumerations, numbers, configured names. */
const freeText = ['title', 'description', 'text', 'reason', 'business_impact']
const holdsFreeText = (row: Row): boolean =>
  [row.old, row.new].some((values) => values && freeText.some((name) => name in values))
