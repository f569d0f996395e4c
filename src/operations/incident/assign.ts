import { z } from 'zod'
import type { PersonRef } from '../../core/actor.ts'
import { line } from '../../core/clean-text.ts'
import { isOpen } from '../../core/lifecycle.ts'
import type { Outcome } from '../../core/outcome.ts'
import { resolvePerson } from '../../core/people.ts'
import { conflict } from '../../errors.ts'
import { defineOperation, type Scope } from '../define.ts'
import { incidentKey } from '../perform.ts'
import { alreadySo, changeAndTell, firstDoer } from './change.ts'
import { personAs } from './verb-parts.ts'

export const assign = defineOperation({
  name: 'assign',
  summary: 'Assign an incident to somebody.',
  input: z.strictObject({ incident: incidentKey, person: line(200) }),
  subject: 'incident',
  permission: 'assign',
  effect: 'write',
  undone: 'KEY was not assigned',
  button: 'Assign',
  verb: { words: ['assign'], usage: 'assign [INC] @user', parse: personAs('person') },
  run: async (scope, { person }) =>
    assignTo(
      scope,
      await resolvePerson(scope.tx, scope.orgId, person, scope.actor.place?.workspace.id),
      'assign',
    ),
})

export async function assigneeName({ tx, orgId, incident }: Scope<'incident'>): Promise<string | undefined> {
  const row = await tx
    .selectFrom('people')
    .select('name')
    .where('org_id', '=', orgId)
    .where('id', '=', incident.assignee_id)
    .executeTakeFirst()
  return row?.name
}

/**
 * Makes somebody the assignee and tells them; the one before is told too.
 * @param roles of the incident that went to them together with it.
 */
export async function assignTo(
  scope: Scope<'incident'>,
  person: PersonRef,
  operation: 'take' | 'assign' | 'hand_off',
  roles: string[] = [],
): Promise<Outcome> {
  const { incident } = scope
  if (!isOpen(incident.status) && incident.status !== 'RESOLVED') {
    throw conflict(`${incident.key} was not assigned: it is ${incident.status}.`, {
      incidentKey: incident.key,
    })
  }
  const change = ({ take: 'taken', assign: 'assigned', hand_off: 'handed_off' } as const)[operation]
  if (incident.assignee_id === person.id && !roles.length) {
    const first = await firstDoer(scope, ['take', 'assign', 'hand_off'])
    return alreadySo(incident, change, { ...first, to: person.name })
  }
  const before = await assigneeName(scope)
  return changeAndTell(scope, {
    operation,
    change,
    columns: { assignee_id: person.id },
    old: { assignee: before },
    new: { assignee: person.name, ...(roles.length && { roles }) },
    from: before,
    whom: person.name,
    tell: [person.id, ...(incident.assignee_id ? [incident.assignee_id] : [])],
  })
}
