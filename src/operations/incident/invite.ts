import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import { resolvePerson } from '../../core/people.ts'
import { defineOperation } from '../define.ts'
import { incidentKey } from '../perform.ts'
import { alreadySo, changeAndTell } from './change.ts'
import { personAs } from './verb-parts.ts'

export const invite = defineOperation({
  name: 'invite',
  summary: 'Invite somebody to an incident; only the invited and those on it know a private one.',
  input: z.strictObject({ incident: incidentKey, person: line(200) }),
  subject: 'incident',
  permission: 'comment',
  effect: 'write',
  undone: 'Nobody was invited to KEY',
  button: 'Invite',
  verb: { words: ['invite'], usage: 'invite [INC] @user', parse: personAs('person') },
  run: async (scope, { person }) => {
    const { tx, orgId, incident, actor, now } = scope
    const guest = await resolvePerson(tx, orgId, person, actor.place?.workspace.id)
    const added = await tx
      .insertInto('incident_people')
      .values({
        org_id: orgId,
        incident_id: incident.id,
        person_id: guest.id,
        relation: 'invited',
        at: now,
      })
      .onConflict((oc) => oc.doNothing())
      .returning('at')
      .executeTakeFirst()
    if (!added) return alreadySo(incident, 'invited', { by: actor.name, at: now, to: guest.name })
    return changeAndTell(scope, {
      operation: 'invite',
      change: 'invited',
      new: { invited: guest.name },
      whom: guest.name,
      tell: [guest.id],
    })
  },
})
