import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import { resolvePerson } from '../../core/people.ts'
import { defineOperation } from '../define.ts'
import { incidentKey } from '../perform.ts'
import { assignTo } from './assign.ts'
import { personAs } from './verb-parts.ts'

export const handOff = defineOperation({
  name: 'hand_off',
  summary: 'Hand an incident over to somebody: what is yours on it becomes theirs.',
  input: z.strictObject({ incident: incidentKey, person: line(200) }),
  subject: 'incident',
  permission: 'hand_off',
  effect: 'write',
  undone: 'KEY was not handed off',
  button: 'Hand off',
  verb: { words: ['handoff'], usage: 'handoff [INC] @user', parse: personAs('person') },
  run: async (scope, { person }) => {
    const { tx, orgId, incident, actor } = scope
    const next = await resolvePerson(tx, orgId, person, actor.place?.workspace.id)
    if (next.id === actor.personId) return assignTo(scope, next, 'hand_off')
    // Whoever hands over gives away the roles they hold on it, the command with them.
    const given = await tx
      .updateTable('incident_roles')
      .set({ person_id: next.id })
      .where('org_id', '=', orgId)
      .where('incident_id', '=', incident.id)
      .where('person_id', '=', actor.personId)
      .returning('role')
      .execute()
    const roles = given.map(({ role }) => role).sort()
    return assignTo(scope, next, 'hand_off', roles)
  },
})
