import { z } from 'zod'
import { defineOperation } from '../define.ts'
import { peopleLabel, personRef, said, targetPerson } from './target.ts'
import { onlyPerson } from './words.ts'

export const activatePerson = defineOperation({
  name: 'activate_person',
  summary: 'Give a deactivated person their access back.',
  input: z.object({ person: personRef }),
  permission: 'manage_people',
  effect: 'write',
  undone: 'Nobody was activated',
  tool: false,
  verb: { words: ['people', 'activate'], usage: 'people activate PERSON', parse: onlyPerson },
  run: async (scope, input) => {
    const person = await targetPerson(scope, input.person, true)
    if (person.active) return said(`${person.name} is active already.`)
    await scope.tx
      .updateTable('people')
      .set({ active: true, deactivated_by: null })
      .where('org_id', '=', scope.orgId)
      .where('id', '=', person.id)
      .execute()
    await scope.audit({
      operation: 'activate_person',
      subject: person.name,
      old: { active: false },
      new: { active: true },
      label: peopleLabel,
    })
    return said(`${person.name} is active again, with the department and the rank from before.`)
  },
})
