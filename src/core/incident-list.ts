import { sql } from 'kysely'
import type { Tx } from '../db/pool.ts'
import type { IncidentStatus, Priority } from '../db/schema.ts'
import { lineOf } from './incident-view.ts'
import { onIncident, plain } from './labels.ts'
import { isOpen } from './lifecycle.ts'
import type { Part } from './outcome.ts'

export type IncidentFilter = {
  statuses: IncidentStatus[]
  priority?: Priority
  teamId?: string
  assigneeId?: string
  /** Ids that a search found, the best first. */
  among?: string[]
  most: number
}

type Row = Parameters<typeof lineOf>[0] & {
  id: string
  private: boolean
  reporter_id: string | null
  /** The assignee whose name is their own choice. */
  selfNamed: string | null
}

/** Whose words stand in a line: the title's, and a name that somebody chose. */
const authorsOf = (row: Row): string[] => [
  row.reporter_id ?? 'unknown',
  ...(row.selfNamed ? [row.selfNamed] : []),
]

/**
 * The incidents that a person may know of, most urgent first. A private one is a part of its own under its own
 * label. The cost does not grow with the number of closed incidents: every filter ends in an index.
 */
export async function listIncidents(
  tx: Tx,
  orgId: string,
  reader: { personId: string; seesPrivate: boolean },
  filter: IncidentFilter,
  title: string,
): Promise<Part[]> {
  const open = filter.statuses.every(isOpen)
  const { rows } = await sql<Row>`
    select i.id, i.key, i.title, i.status, i.priority, i.private, i.reporter_id, i.created_at,
      t.name as team, p.name as assignee,
      case when 'name' = any(p.file_fields) then null else p.id end as "selfNamed"
    from incidents i
    left join teams t on t.org_id = i.org_id and t.id = i.team_id
    left join people p on p.org_id = i.org_id and p.id = i.assignee_id
    where i.org_id = ${orgId}
      and i.status in (${sql.join(filter.statuses.map((status) => sql.lit(status)))})
      ${filter.priority ? sql`and i.priority = ${filter.priority}` : sql``}
      ${filter.teamId ? sql`and i.team_id = ${filter.teamId}` : sql``}
      ${filter.assigneeId ? sql`and i.assignee_id = ${filter.assigneeId}` : sql``}
      ${filter.among ? sql`and i.id = any(${filter.among}::uuid[])` : sql``}
      and (not i.private or ${reader.seesPrivate} or ${reader.personId} in (i.reporter_id, i.assignee_id)
        or exists (select from incident_roles r where r.org_id = i.org_id and r.incident_id = i.id
          and r.person_id = ${reader.personId})
        or exists (select from incident_people r where r.org_id = i.org_id and r.incident_id = i.id
          and r.person_id = ${reader.personId} and r.relation <> 'follower'))
    order by ${open ? sql`i.priority, i.created_at desc, i.id` : sql`i.number desc`}
    limit ${filter.most + 1}`.execute(tx)
  const shown = rows.slice(0, filter.most)
  const parts: Part[] = []
  const common = shown.filter((row) => !row.private)
  parts.push({
    kind: 'incidents',
    label: plain,
    authors: common.flatMap(authorsOf),
    title,
    incidents: common.map(lineOf),
    more: rows.length - shown.length,
  })
  for (const row of shown.filter((each) => each.private)) {
    parts.push({
      kind: 'incidents',
      label: onIncident(row, plain),
      authors: authorsOf(row),
      title: 'Private',
      incidents: [lineOf(row)],
      more: 0,
    })
  }
  return parts
}
