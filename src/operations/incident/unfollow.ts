import { z } from 'zod'
import { defineOperation } from '../define.ts'
import { incidentKey } from '../perform.ts'
import { following } from './follow.ts'
import { nothing } from './verb-parts.ts'

export const unfollow = defineOperation({
  name: 'unfollow',
  summary: 'Stop being told of changes of an incident.',
  input: z.strictObject({ incident: incidentKey }),
  subject: 'incident',
  permission: 'view_incident',
  effect: 'write',
  undone: 'KEY is still followed',
  button: 'Unfollow',
  verb: { words: ['unfollow'], usage: 'unfollow [INC]', parse: nothing },
  run: async (scope) => {
    const removed = await scope.tx
      .deleteFrom('incident_people')
      .where('org_id', '=', scope.orgId)
      .where('incident_id', '=', scope.incident.id)
      .where('person_id', '=', scope.actor.personId)
      .where('relation', '=', 'follower')
      .executeTakeFirst()
    return following(scope, 'unfollowed', removed.numDeletedRows > 0n)
  },
})
