import { parseKey } from '../core/incidents.ts'
import { type Label, missing, onIncident, parseRequirement, plain } from '../core/labels.ts'
import type { Permission } from '../core/permissions.ts'
import { type Db, inOrg } from '../db/pool.ts'
import type { AnyOperation } from '../operations/define.ts'
import type { Turn } from './turn.ts'

/**
 * The arguments that are free text; all others are keys, enumerations and names that are looked up. What follows the
 * name in a page's `whom` is its text.
 */
const words = ['title', 'description', 'text', 'reason', 'note', 'whom']

/**
 * What a model writes derives from all that it was given. Where the text would be stored under less than that, a
 * label would be lowered, which is a person's act: the permissions that its readers there need not have.
 */
export async function aboveWhatItStores(
  db: Db,
  { request }: Turn,
  operation: AnyOperation,
  input: Record<string, unknown>,
  label: Label,
): Promise<Permission[]> {
  if (!words.some((name) => name in input) || label.every((needed) => plain.includes(needed))) return []
  const own: Label = [...plain, ...(operation.writes ?? []), ...(input.internal ? internal : [])]
  const number = operation.subject === 'incident' ? parseKey(String(input.incident)) : undefined
  const incident =
    number === undefined
      ? undefined
      : await inOrg(db, request.actor.orgId, ({ tx, orgId }) =>
          tx
            .selectFrom('incidents')
            .select(['id', 'private'])
            .where('org_id', '=', orgId)
            .where('number', '=', number)
            .executeTakeFirst(),
        )
  const stored = (incident ? onIncident(incident, own) : own).map(parseRequirement)
  return missing(
    (permission, incidentId) =>
      stored.some((each) => each.permission === permission && each.incidentId === incidentId),
    label,
  )
}

const internal: Label = ['view_internal']
