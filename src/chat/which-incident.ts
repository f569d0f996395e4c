import type { Actor } from '../core/actor.ts'
import { listIncidents } from '../core/incident-list.ts'
import { incidentOfThread } from '../core/incident-of-thread.ts'
import type { IncidentLine } from '../core/outcome.ts'
import { loadStanding } from '../core/standing.ts'
import { type Db, inOrg } from '../db/pool.ts'
import type { IncidentStatus } from '../db/schema.ts'

export type Which =
  | { kind: 'one'; key: string }
  | { kind: 'none' }
  | { kind: 'several'; incidents: IncidentLine[] }

/** The states in which a verb makes sense; the other verbs are for what is not ended yet. */
const sensible: Record<string, IncidentStatus[]> = {
  acknowledge: ['OPEN'],
  resolve: ['OPEN', 'IN_PROGRESS'],
  cancel: ['OPEN'],
  close: ['RESOLVED'],
  reopen: ['RESOLVED'],
}

/** The incident that a thread's root message shows, as a key. */
export async function incidentOfPlace(db: Db, actor: Actor): Promise<string | undefined> {
  const { place } = actor
  if (!place?.thread) return undefined
  return inOrg(db, actor.orgId, ({ tx, orgId }) => incidentOfThread(tx, orgId, place))
}

/** Which incident a verb without a key means: the place's, else the only one it can be. */
export async function whichIncident(db: Db, actor: Actor, operation: string): Promise<Which> {
  const ofPlace = await incidentOfPlace(db, actor)
  if (ofPlace) return { kind: 'one', key: ofPlace }
  const statuses = sensible[operation] ?? ['OPEN', 'IN_PROGRESS', 'RESOLVED']
  const candidates = await inOrg(db, actor.orgId, async ({ tx, orgId }) => {
    const standing = await loadStanding(tx, orgId, actor.personId)
    if (!standing?.holdings.has('view_incident')) return []
    const reader = { personId: actor.personId, seesPrivate: standing.holdings.has('access_private') }
    const parts = await listIncidents(tx, orgId, reader, { statuses, most: 10 }, '')
    return parts.flatMap((part) => (part.kind === 'incidents' ? part.incidents : []))
  })
  if (candidates.length === 1) return { kind: 'one', key: candidates[0]!.key }
  return candidates.length ? { kind: 'several', incidents: candidates } : { kind: 'none' }
}
