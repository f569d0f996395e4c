import { z } from 'zod'
import { defineOperation } from '../define.ts'
import {
  lockAdministrators,
  onOff,
  peopleLabel,
  personRef,
  refuseFileField,
  refuseLastAdministrator,
  said,
  targetPerson,
} from './target.ts'
import { personThen } from './words.ts'

export const setAdministrator = defineOperation({
  name: 'set_administrator',
  summary: 'Give a person the administrator’s mark, or take it away.',
  input: z.object({ person: personRef, mark: onOff }),
  permission: 'manage_people',
  effect: 'write',
  undone: 'The administrator’s mark was not changed',
  tool: false,
  verb: { words: ['people', 'admin'], usage: 'people admin PERSON on|off', parse: personThen('mark') },
  run: async (scope, input) => {
    const administrators = await lockAdministrators(scope)
    const person = await targetPerson(scope, input.person)
    refuseFileField(person, 'admin', "administrator's mark")
    const admin = input.mark === 'on'
    if (person.admin === admin) {
      return said(`${person.name} is ${admin ? 'an administrator' : 'no administrator'} already.`)
    }
    if (!admin) refuseLastAdministrator(person, administrators)
    await scope.tx
      .updateTable('people')
      .set({ admin })
      .where('org_id', '=', scope.orgId)
      .where('id', '=', person.id)
      .execute()
    await scope.audit({
      operation: 'set_administrator',
      subject: person.name,
      old: { administrator: person.admin },
      new: { administrator: admin },
      label: peopleLabel,
    })
    return said(`${person.name} is ${admin ? 'an administrator now' : 'no administrator any more'}.`)
  },
})
