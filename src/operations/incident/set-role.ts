import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import { incidentRoles } from '../../core/incidents.ts'
import { resolvePerson } from '../../core/people.ts'
import { defineOperation } from '../define.ts'
import { incidentKey } from '../perform.ts'
import { alreadySo, changeAndTell, firstDoer } from './change.ts'
import { personAs } from './verb-parts.ts'

export const setRole = defineOperation({
  name: 'set_role',
  summary: 'Give an incident role (commander, communications, scribe) to somebody.',
  input: z.strictObject({
    incident: incidentKey,
    role: z.preprocess((role) => (role === 'comms' ? 'communications' : role), z.enum(incidentRoles)),
    person: line(200),
  }),
  subject: 'incident',
  permission: 'set_incident_roles',
  effect: 'write',
  undone: "KEY's roles were not changed",
  button: 'Set role',
  verb: {
    words: ['role'],
    usage: 'role [INC] commander|communications|scribe @user',
    parse: (rest) => {
      const [, role, person] = /^(\S+)\s+(.+)$/s.exec(rest) ?? []
      const parsed = person === undefined ? undefined : personAs('person')(person)
      return role && parsed ? { role: role.toLowerCase(), ...parsed } : undefined
    },
  },
  run: async (scope, { role, person }) => {
    const { tx, orgId, incident, actor } = scope
    const chosen = await resolvePerson(tx, orgId, person, actor.place?.workspace.id)
    const before = await tx
      .selectFrom('incident_roles')
      .innerJoin('people', (join) =>
        join
          .onRef('people.org_id', '=', 'incident_roles.org_id')
          .onRef('people.id', '=', 'incident_roles.person_id'),
      )
      .select(['people.id', 'people.name'])
      .where('incident_roles.org_id', '=', orgId)
      .where('incident_roles.incident_id', '=', incident.id)
      .where('incident_roles.role', '=', role)
      .executeTakeFirst()
    if (before?.id === chosen.id) {
      const first = await firstDoer(scope, ['set_role'])
      return alreadySo(incident, 'role', { ...first, to: `${role} ${chosen.name}` })
    }
    await tx
      .insertInto('incident_roles')
      .values({ org_id: orgId, incident_id: incident.id, role, person_id: chosen.id })
      .onConflict((oc) => oc.columns(['org_id', 'incident_id', 'role']).doUpdateSet({ person_id: chosen.id }))
      .execute()
    return changeAndTell(scope, {
      operation: 'set_role',
      change: 'role',
      old: { [role]: before?.name },
      new: { [role]: chosen.name },
      from: before?.name,
      to: role,
      whom: chosen.name,
      tell: [chosen.id, ...(before ? [before.id] : [])],
    })
  },
})
