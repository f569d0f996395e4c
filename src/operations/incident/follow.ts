import { z } from 'zod'
import { about } from '../../core/incidents.ts'
import { onIncident, plain } from '../../core/labels.ts'
import type { Outcome } from '../../core/outcome.ts'
import { defineOperation, type Scope } from '../define.ts'
import { incidentKey } from '../perform.ts'
import { nothing } from './verb-parts.ts'

export const follow = defineOperation({
  name: 'follow',
  summary: 'Be told of every change of an incident.',
  input: z.strictObject({ incident: incidentKey }),
  subject: 'incident',
  permission: 'view_incident',
  effect: 'write',
  undone: 'KEY is not followed',
  button: 'Follow',
  verb: { words: ['follow'], usage: 'follow [INC]', parse: nothing },
  run: async (scope) => {
    const { tx, orgId, incident, actor, now } = scope
    const added = await tx
      .insertInto('incident_people')
      .values({
        org_id: orgId,
        incident_id: incident.id,
        person_id: actor.personId,
        relation: 'follower',
        at: now,
      })
      .onConflict((oc) => oc.doNothing())
      .executeTakeFirst()
    return following(scope, 'followed', added.numInsertedOrUpdatedRows === 1n)
  },
})

/** Says whether something changed; following is one's own affair and no event of the incident's. */
export async function following(
  scope: Scope<'incident'>,
  change: 'followed' | 'unfollowed',
  changed: boolean,
): Promise<Outcome> {
  const { incident, actor, now } = scope
  if (changed) {
    await scope.audit({
      operation: change === 'followed' ? 'follow' : 'unfollow',
      subject: incident.key,
      label: onIncident(incident, ['view_audit']),
    })
  }
  return {
    incident: about(incident),
    parts: [
      {
        kind: changed ? 'change' : 'already',
        label: onIncident(incident, plain),
        change,
        key: incident.key,
        by: actor.name,
        at: now.toISOString(),
      },
    ],
  }
}
