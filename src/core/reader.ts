import type { Tx } from '../db/pool.ts'
import { relationsOf } from './incidents.ts'
import { type Label, parseRequirement, type Reader } from './labels.ts'
import { type Holdings, holdingsOn } from './permissions.ts'
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
  const ids = new Set(lacked.map(({ incidentId }) => incidentId))
  ids.delete(undefined)
  const held = new Map<string, Holdings>()
  if (ids.size) {
    const incidents = await tx
      .selectFrom('incidents')
      .select(['id', 'reporter_id', 'assignee_id'])
      .where('org_id', '=', orgId)
      .where('id', 'in', [...ids] as string[])
      .execute()
    for (const incident of incidents) {
      const relations = await relationsOf(tx, orgId, incident, standing.personId)
      held.set(incident.id, holdingsOn(standing.holdings, relations))
    }
  }
  return (permission, incidentId) =>
    standing.holdings.has(permission) || (!!incidentId && (held.get(incidentId)?.has(permission) ?? false))
}
