import { sql } from 'kysely'
import { announceChange, tellPeople } from '../../core/announce.ts'
import { followEscalation } from '../../core/escalation/follow.ts'
import { eventOf, publishEvent } from '../../core/events.ts'
import { about, changeIncident, type Incident } from '../../core/incidents.ts'
import { type Label, onIncident, plain } from '../../core/labels.ts'
import type { ChangeKind, Outcome } from '../../core/outcome.ts'
import type { IncidentStatus } from '../../db/schema.ts'
import type { Scope } from '../define.ts'

type ChangeRequest = {
  operation: string
  change: ChangeKind
  columns?: Parameters<typeof changeIncident>[3]
  old?: Record<string, unknown>
  new?: Record<string, unknown>
  from?: string
  to?: string
  whom?: string
  /** People's words that go with it (a reason, a comment): shown under the label, never to the agent. */
  label?: Label
  /** People who are told in their own conversations, besides the followers. */
  tell?: string[]
  /** A change that is worth a line in the threads and to the followers; true unless said. */
  announce?: boolean
}

/**
 * What every change of an incident has in common: the version rises, the audit has old and new, posted cards follow,
 * threads and followers hear of it, paging stops or follows. All inside the caller's transaction.
 */
export async function changeAndTell(scope: Scope<'incident'>, request: ChangeRequest): Promise<Outcome> {
  const { tx, orgId, now, actor, incident } = scope
  const version = await changeIncident(tx, incident, now, request.columns)
  const label = request.label ?? plain
  await scope.audit({
    operation: request.operation,
    incidentId: incident.id,
    version,
    old: request.old,
    new: request.new,
    label: onIncident(incident, label),
  })
  const outcome: Outcome = {
    incident: about({ ...incident, ...request.columns, version }),
    parts: [
      {
        kind: 'change',
        label: onIncident(incident, label),
        change: request.change,
        key: incident.key,
        by: actor.name,
        at: now.toISOString(),
        from: request.from,
        to: request.to,
        whom: request.whom,
      },
    ],
  }
  const changed = { ...incident, ...request.columns, version }
  const event = eventOf(request.operation, incident.status, changed.status)
  await publishEvent(tx, orgId, event, changed, { by: actor.name, at: now })
  const announced = request.announce ?? true
  await announceChange(tx, orgId, incident, announced ? outcome : undefined)
  const told = new Set(request.tell ?? [])
  if (announced) for (const id of await followersOf(scope)) told.add(id)
  told.delete(actor.personId)
  await tellPeople(tx, orgId, [...told], outcome, { incidentId: incident.id })
  await followEscalation({ tx, orgId, now }, incident, changed, actor)
  return outcome
}

async function followersOf(scope: Scope<'incident'>): Promise<string[]> {
  const rows = await scope.tx
    .selectFrom('incident_people')
    .select('person_id')
    .where('org_id', '=', scope.orgId)
    .where('incident_id', '=', scope.incident.id)
    .where('relation', '=', 'follower')
    .execute()
  return rows.map((row) => row.person_id)
}

/** Nothing is changed twice: says who was first, and when. */
export const alreadySo = (
  incident: Incident,
  change: ChangeKind,
  first: { by: string; at: Date; to?: string },
): Outcome => ({
  incident: about(incident),
  parts: [
    {
      kind: 'already',
      label: onIncident(incident, plain),
      change,
      key: incident.key,
      by: first.by,
      at: first.at.toISOString(),
      to: first.to,
    },
  ],
})

const audited = (scope: Scope<'incident'>, operations: string[]) =>
  scope.tx
    .selectFrom('audit')
    .select(['actor', 'at'])
    .where('org_id', '=', scope.orgId)
    .where('incident_id', '=', scope.incident.id)
    .where('operation', 'in', operations)
    .where('outcome', '=', 'done')
    .limit(1)

/**
 * A click acts as of what its card showed: whoever did the same since that version was first, and the click does
 * nothing. With a status, only what led to it counts. Undefined for a typed command, and while the card is up to date.
 */
export async function doneSinceShown(
  scope: Scope<'incident'>,
  operations: string[],
  status?: IncidentStatus,
): Promise<{ by: string; at: Date } | undefined> {
  const { asOf, incident } = scope
  if (asOf === undefined || asOf >= incident.version) return undefined
  let since = audited(scope, operations).where('version', '>', asOf).orderBy('version')
  if (status) since = since.where(sql`new ->> 'status'`, '=', status)
  const row = await since.executeTakeFirst()
  return row && { by: row.actor, at: row.at }
}

/** The latest audited change of one kind, for telling a late clicker who was first. */
export async function firstDoer(
  scope: Scope<'incident'>,
  operations: string[],
): Promise<{ by: string; at: Date }> {
  const row = await audited(scope, operations).orderBy('at', 'desc').executeTakeFirst()
  return row ? { by: row.actor, at: row.at } : { by: 'somebody', at: scope.incident.updated_at }
}
