import { sql } from 'kysely'
import type { Tx } from '../db/pool.ts'
import type { IncidentStatus, Priority } from '../db/schema.ts'
import { enqueue } from './outbox.ts'
import { type EventName, wishesFor } from './webhooks/event-names.ts'

/** What an event tells of an incident; a private one has none. */
export type EventIncident = {
  id: string
  key: string
  title: string
  status: IncidentStatus
  priority: Priority
  version: number
  private: boolean
  team_id: string | null
}

type Told = { by?: string; at: Date }

/**
 * Tells the webhooks that ask for it what happened, in the caller's transaction. Only what everybody who sees
 * incidents may know goes out. Where nobody asks, it is one query.
 */
export const publishEvent = (
  tx: Tx,
  orgId: string,
  name: EventName,
  incident: EventIncident,
  told: Told,
): Promise<void> => publishEvents(tx, orgId, name, [incident], told)

/** The same of many incidents at once. */
export async function publishEvents(
  tx: Tx,
  orgId: string,
  name: EventName,
  incidents: EventIncident[],
  { by, at }: Told,
): Promise<void> {
  const open = incidents.filter((incident) => !incident.private)
  if (!open.length) return
  const { rows } = await sql<{ id: string; workspace_id: string }>`
    select h.id, w.id as workspace_id from webhooks h
    join workspaces w on w.platform = 'webhook' and w.external_id = ${orgId} and w.org_id = h.org_id
    where h.org_id = ${orgId} and h.events && ${wishesFor(name)}::text[]`.execute(tx)
  if (!rows.length) return
  const teams = await teamNames(tx, orgId, open)
  await enqueue(
    tx,
    orgId,
    open.flatMap((incident) =>
      rows.map(({ id, workspace_id }) => ({
        workspaceId: workspace_id,
        route: { type: 'channel', channel: id },
        notification: {
          type: 'event',
          name,
          at: at.toISOString(),
          data: {
            key: incident.key,
            title: incident.title,
            status: incident.status,
            priority: incident.priority,
            team: (incident.team_id && teams.get(incident.team_id)) ?? null,
            by: by ?? null,
            at: at.toISOString(),
            version: incident.version,
            summary: summaryOf(name, incident, by),
          },
        },
        urgency: 2,
        incidentId: incident.id,
      })),
    ),
  )
}

async function teamNames(tx: Tx, orgId: string, incidents: EventIncident[]): Promise<Map<string, string>> {
  const ids = incidents.flatMap(({ team_id }) => team_id ?? [])
  if (!ids.length) return new Map()
  const rows = await tx
    .selectFrom('teams')
    .select(['id', 'name'])
    .where('org_id', '=', orgId)
    .where('id', 'in', ids)
    .execute()
  return new Map(rows.map((row) => [row.id, row.name]))
}

const summaryOf = (name: EventName, { key, title }: EventIncident, by?: string): string =>
  `${key} ${name.slice('incident.'.length)}${by ? ` by ${by}` : ''}: ${title}`

/** What a change is called for programs: by what it did to the status, whichever way it was made. */
export function eventOf(operation: string, from: IncidentStatus, to: IncidentStatus): EventName {
  if (from !== to) {
    if (to === 'RESOLVED') return 'incident.resolved'
    if (to === 'CLOSED') return 'incident.closed'
    if (to === 'CANCELLED') return 'incident.cancelled'
    if (from === 'RESOLVED' || to === 'OPEN') return 'incident.reopened'
  }
  return operation === 'acknowledge' || (from === 'OPEN' && to === 'IN_PROGRESS')
    ? 'incident.acknowledged'
    : 'incident.updated'
}
