import type { Incident } from '../../core/incidents.ts'
import { onIncident, plain } from '../../core/labels.ts'
import { allowedFrom, mayFollow } from '../../core/lifecycle.ts'
import type { ChangeKind, Outcome } from '../../core/outcome.ts'
import type { IncidentStatus } from '../../db/schema.ts'
import { conflict, type TocsinError } from '../../errors.ts'
import type { Scope } from '../define.ts'
import { alreadySo, changeAndTell, doneSinceShown, firstDoer } from './change.ts'

const statusOperations = ['update_status', 'acknowledge', 'resolve', 'close', 'reopen', 'cancel', 'merge']

/**
 * Moves an incident to another status as the lifecycle allows. Resolving an OPEN one passes through IN_PROGRESS.
 * @throws conflict naming what is allowed instead.
 */
export async function moveStatus(
  scope: Scope<'incident'>,
  to: IncidentStatus,
  options: { operation: string; reason?: string; change?: ChangeKind },
): Promise<Outcome> {
  const { incident, now, actor } = scope
  if (incident.status === to) {
    return alreadySo(incident, 'status', { ...(await firstDoer(scope, statusOperations)), to })
  }
  const earlier = await doneSinceShown(scope, statusOperations, to)
  if (earlier) return alreadySo(incident, 'status', { ...earlier, to: incident.status })
  const through = incident.status === 'OPEN' && to === 'RESOLVED'
  if (!through && !mayFollow(incident.status, to)) throw notAllowed(incident, to)
  if (through) {
    await scope.audit({
      operation: 'acknowledge',
      incidentId: incident.id,
      version: incident.version + 1,
      old: { status: 'OPEN' },
      new: { status: 'IN_PROGRESS' },
      label: onIncident(incident, plain),
    })
  }
  const acknowledges = through || (incident.status === 'OPEN' && to === 'IN_PROGRESS')
  return changeAndTell(scope, {
    operation: options.operation,
    change: 'status',
    columns: {
      status: to,
      ...(acknowledges && { acknowledged_at: now, acknowledged_by: actor.personId }),
      ...(to === 'OPEN' && { acknowledged_at: null, acknowledged_by: null }),
      ...(to === 'RESOLVED' && { resolved_at: now }),
      ...(incident.status === 'RESOLVED' && to === 'IN_PROGRESS' && { resolved_at: null }),
      ...((to === 'CLOSED' || to === 'CANCELLED') && { closed_at: now }),
    },
    old: { status: through ? 'IN_PROGRESS' : incident.status },
    new: { status: to, ...(options.reason && { reason: options.reason }) },
    from: incident.status,
    to,
  })
}

const verbFor: Record<IncidentStatus, string> = {
  OPEN: 'status KEY open',
  IN_PROGRESS: 'status KEY in_progress',
  RESOLVED: 'resolve KEY',
  CLOSED: 'close KEY',
  CANCELLED: 'cancel KEY',
}

/** What may be done from here, as one would type it. */
export const nextVerbs = (incident: Pick<Incident, 'key' | 'status'>): string[] =>
  allowedFrom(incident.status).map((status) =>
    incident.status === 'RESOLVED' && status === 'IN_PROGRESS'
      ? `reopen ${incident.key} <reason>`
      : verbFor[status].replace('KEY', incident.key),
  )

export function notAllowed(incident: Incident, to: IncidentStatus): TocsinError {
  const { key, status } = incident
  const allowed = allowedFrom(status)
  const can = allowed.length
    ? `From ${status} it can go to ${allowed.join(' or ')}.`
    : 'It has ended; what comes back is a new one.'
  const cannot = status === to ? `${key} is ${status} already.` : `${key} cannot go from ${status} to ${to}.`
  return conflict(`${cannot} ${can}`, {
    allowed: allowed.length ? nextVerbs(incident) : ['declare <title>'],
    incidentKey: key,
  })
}
