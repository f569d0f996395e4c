import { sql } from 'kysely'
import type { Tx } from '../db/pool.ts'
import { type Label, parseRequirement, type Reader } from './labels.ts'
import { type Holdings, holdingsOn, type Permission, type Relations } from './permissions.ts'
import type { Standing } from './standing.ts'

/** A person as a reader of facts with these labels: what standing on each of the incidents gives is counted in. */
export async function loadReader(
  tx: Tx,
  orgId: string,
  standing: Standing,
  labels: Label[],
): Promise<Reader> {
  // Standing on an incident only adds: it is looked up where the person lacks something without it.
  const lacked = labels
    .flat()
    .map(parseRequirement)
    .filter(({ permission }) => !standing.holdings.has(permission))
  return readerOn(tx, orgId, standing, [...new Set(lacked.flatMap(({ incidentId }) => incidentId ?? []))])
}

/** The person as a reader of facts of these incidents, as they stand to each at this moment. */
export async function readerOn(
  tx: Tx,
  orgId: string,
  standing: Standing,
  incidentIds: string[],
): Promise<Reader> {
  const held = incidentIds.length
    ? holdingsByIncident(standing, await relationsAmong(tx, orgId, standing.personId, incidentIds))
    : new Map<string, Holdings>()
  return (permission, incidentId) =>
    ((incidentId && held.get(incidentId)) || standing.holdings).has(permission)
}

/** A channel as a reader: everybody there holds the plain permission, and what the channel is cleared for. */
export const channelReader =
  (clearance: readonly string[]): Reader =>
  (permission) =>
    permission === 'view_incident' || clearance.includes(permission)

/** Base holdings, and those that standing on any live incident adds somewhere. */
export async function holdingsAnywhere(tx: Tx, orgId: string, standing: Standing): Promise<Set<Permission>> {
  const rows = await relationsAmong(tx, orgId, standing.personId, 'live')
  const all = [standing.holdings, ...holdingsByIncident(standing, rows).values()]
  return new Set(all.flatMap((held) => [...held.keys()]))
}

type RelationRow = { incident: string; relation: string }

/** A person has few relations to live incidents; each of the four looks uses an index that begins with them. */
async function relationsAmong(
  tx: Tx,
  orgId: string,
  personId: string,
  incidents: string[] | 'live',
): Promise<RelationRow[]> {
  const wanted =
    incidents === 'live'
      ? sql`i.status in ('OPEN', 'IN_PROGRESS', 'RESOLVED')`
      : sql`i.id = any(${incidents}::uuid[])`
  const { rows } = await sql<RelationRow>`
    select i.id as incident, 'reporter' as relation from incidents i
      where i.org_id = ${orgId} and i.reporter_id = ${personId} and ${wanted}
    union all
    select i.id, 'assignee' from incidents i
      where i.org_id = ${orgId} and i.assignee_id = ${personId} and ${wanted}
    union all
    select i.id, r.role from incident_roles r
      join incidents i on i.org_id = r.org_id and i.id = r.incident_id
      where r.org_id = ${orgId} and r.person_id = ${personId} and ${wanted}
    union all
    select i.id, p.relation from incident_people p
      join incidents i on i.org_id = p.org_id and i.id = p.incident_id
      where p.org_id = ${orgId} and p.person_id = ${personId} and p.relation <> 'follower'
        and ${wanted}`.execute(tx)
  return rows
}

function holdingsByIncident(standing: Standing, rows: RelationRow[]): Map<string, Holdings> {
  const found = Map.groupBy(rows, (row) => row.incident)
  return new Map(
    [...found].map(([incident, of]) => {
      const names = new Set(of.map((row) => row.relation))
      const relations: Relations = {
        reporter: names.has('reporter'),
        assignee: names.has('assignee'),
        paged: names.has('paged'),
        commander: names.has('commander'),
        involved: true,
      }
      return [incident, holdingsOn(standing.holdings, relations)]
    }),
  )
}
