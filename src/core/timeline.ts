import { sql } from 'kysely'
import type { Tx } from '../db/pool.ts'
import { incidentRoles } from './incidents.ts'
import { type Label, onIncident, plain, type Requirement } from './labels.ts'
import type { Part } from './outcome.ts'

type Row = {
  at: Date
  actor: string
  actor_id: string | null
  operation: string
  old: Record<string, unknown> | null
  new: Record<string, unknown> | null
  label: Requirement[]
  /** The actor's name is code's or the configuration file's; otherwise it is their own choice. */
  nameGiven: boolean
}

/**
 * The audit's lines about one incident, newest first, each under its own label. Refusals are no part of it.
 * @param options.plain only those that everybody may read who knows of the incident.
 */
export async function loadTimeline(
  tx: Tx,
  incident: { org_id: string; id: string; private: boolean },
  options: { most: number; plain?: boolean },
): Promise<(Part & { kind: 'entry' })[]> {
  const labels = options.plain ? sql`and label <@ ${[...onIncident(incident, plain)]}::text[]` : sql``
  const { rows } = await sql<Row>`
    select at, actor, actor_id, operation, old, new, label, (actor_id is null or exists (select from people p
      where p.org_id = audit.org_id and p.id = audit.actor_id and 'name' = any(p.file_fields))) as "nameGiven"
    from audit
    where org_id = ${incident.org_id} and incident_id = ${incident.id} and outcome = 'done' ${labels}
    order by at desc, recorded_at desc limit ${options.most}`.execute(tx)
  return rows.map((row) => {
    const label: Label = onIncident(incident, row.label)
    return {
      kind: 'entry',
      label,
      authors: authorsOf(row),
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

/** The values under these are people's words. */
const freeText = ['title', 'description', 'text', 'reason', 'business_impact', 'opened']
/** Under these stand names of people, which they choose themselves in a chat. */
const names = ['assignee', 'invited', 'paged', 'not_reachable', ...incidentRoles]

const holds = (row: Row, keys: string[]): boolean =>
  [row.old, row.new].some((values) => values && keys.some((key) => typeof values[key] === 'string'))

function authorsOf(row: Row): string[] | undefined {
  const authors = [
    ...(holds(row, freeText) || !row.nameGiven ? [row.actor_id ?? 'unknown'] : []),
    ...(holds(row, names) ? ['unknown'] : []),
  ]
  return authors.length ? authors : undefined
}
