import { type Selectable, sql } from 'kysely'
import type { Tx } from '../db/pool.ts'
import type { Database, IncidentStatus, Priority } from '../db/schema.ts'
import type { Outcome } from './outcome.ts'
import { type Holdings, holdingsOn, type Relations } from './permissions.ts'
import type { Standing } from './standing.ts'

export const priorities = ['P1', 'P2', 'P3', 'P4', 'P5'] as const satisfies Priority[]
export const statuses = [
  'OPEN',
  'IN_PROGRESS',
  'RESOLVED',
  'CLOSED',
  'CANCELLED',
] as const satisfies IncidentStatus[]
export const incidentRoles = ['commander', 'communications', 'scribe'] as const
export type IncidentRole = (typeof incidentRoles)[number]

/** An incident as its asker stands to it. `search` is Postgres's own and never leaves it. */
export type Incident = Omit<Selectable<Database['incidents']>, 'search' | 'reminded_at'> & {
  relations: Relations
  /** The asker's holdings on this incident. */
  holdings: Holdings
}

export const incidentColumns = [
  'org_id',
  'id',
  'number',
  'key',
  'title',
  'description',
  'status',
  'priority',
  'private',
  'reporter_id',
  'assignee_id',
  'team_id',
  'department',
  'category',
  'business_impact',
  'customers_affected',
  'merged_into',
  'acknowledged_at',
  'acknowledged_by',
  'resolved_at',
  'closed_at',
  'version',
  'created_at',
  'updated_at',
] as const satisfies (keyof Database['incidents'])[]

/** `INC-42`, `inc-042` and `INC-042` name the same incident; undefined for anything else. */
export function parseKey(text: string): number | undefined {
  const digits = /^inc-0*(\d{1,9})$/i.exec(text.trim())?.[1]
  return digits && Number(digits) > 0 ? Number(digits) : undefined
}

/**
 * The incident by key, as `standing` relates to it, locked when it is to be written; undefined when there is none
 * or when it is private and they may not know of it: the two are never told apart.
 */
export async function findIncident(
  tx: Tx,
  orgId: string,
  key: string,
  standing: Standing,
  lock: boolean,
): Promise<Incident | undefined> {
  const number = parseKey(key)
  if (number === undefined) return undefined
  const base = tx
    .selectFrom('incidents')
    .select(incidentColumns)
    .where('org_id', '=', orgId)
    .where('number', '=', number)
  const row = await (lock ? base.forUpdate() : base).executeTakeFirst()
  if (!row) return undefined
  const relations = await relationsOf(tx, orgId, row, standing.personId)
  const holdings = holdingsOn(standing.holdings, relations)
  if (row.private && !holdings.has('access_private')) return undefined
  return { ...row, relations, holdings }
}

/** How a person stands to one incident. */
export async function relationsOf(
  tx: Tx,
  orgId: string,
  incident: { id: string; reporter_id: string | null; assignee_id: string | null },
  personId: string,
): Promise<Relations> {
  const { rows } = await sql<{ relation: string }>`
    select role as relation from incident_roles
      where org_id = ${orgId} and incident_id = ${incident.id} and person_id = ${personId}
    union all
    select relation from incident_people
      where org_id = ${orgId} and incident_id = ${incident.id} and person_id = ${personId}`.execute(tx)
  const found = new Set(rows.map((row) => row.relation))
  found.delete('follower')
  const reporter = incident.reporter_id === personId
  const assignee = incident.assignee_id === personId
  return {
    reporter,
    assignee,
    paged: found.has('paged'),
    commander: found.has('commander'),
    involved: reporter || assignee || found.size > 0,
  }
}

/** Counts up the organisation's own incident numbers; the row lock keeps two declarations apart. */
export async function nextNumber(tx: Tx, orgId: string): Promise<number> {
  const { last_incident } = await tx
    .updateTable('organizations')
    .set((eb) => ({ last_incident: eb('last_incident', '+', 1) }))
    .where('org_id', '=', orgId)
    .returning('last_incident')
    .executeTakeFirstOrThrow()
  return last_incident
}

type Change = Partial<
  Pick<
    Selectable<Database['incidents']>,
    | 'status'
    | 'priority'
    | 'assignee_id'
    | 'team_id'
    | 'department'
    | 'category'
    | 'business_impact'
    | 'merged_into'
    | 'acknowledged_at'
    | 'acknowledged_by'
    | 'resolved_at'
    | 'closed_at'
  >
>

/** Writes a change of the locked incident and raises its version. */
export async function changeIncident(
  tx: Tx,
  incident: { org_id: string; id: string },
  now: Date,
  change: Change = {},
): Promise<number> {
  const { version } = await tx
    .updateTable('incidents')
    .set((eb) => ({ ...change, updated_at: now, version: eb('version', '+', 1) }))
    .where('org_id', '=', incident.org_id)
    .where('id', '=', incident.id)
    .returning('version')
    .executeTakeFirstOrThrow()
  return version
}

/** What an outcome says of the incident that it is about. */
export const about = (incident: Pick<Incident, keyof NonNullable<Outcome['incident']>>) => ({
  id: incident.id,
  key: incident.key,
  version: incident.version,
  private: incident.private,
  title: incident.title,
  status: incident.status,
  priority: incident.priority,
})
