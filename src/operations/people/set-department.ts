import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import { invalidInput } from '../../errors.ts'
import { defineOperation, type Scope } from '../define.ts'
import { peopleLabel, personRef, refuseFileField, said, targetPerson } from './target.ts'
import { personThen } from './words.ts'

export const setDepartment = defineOperation({
  name: 'set_department',
  summary: 'Place a person in a department, or in none.',
  input: z.object({ person: personRef, department: line(60) }),
  permission: 'manage_people',
  effect: 'write',
  undone: 'Nobody was placed',
  tool: false,
  verb: {
    words: ['people', 'department'],
    usage: 'people department PERSON IT|OPS|FINANCE|CSM|…|none',
    parse: personThen('department'),
  },
  run: async (scope, input) => {
    const department = await departmentNamed(scope, input.department)
    const person = await targetPerson(scope, input.person)
    refuseFileField(person, 'department')
    const now = department ?? 'no department'
    if (person.department === department) return said(`${person.name} is in ${now} already.`)
    await scope.tx
      .updateTable('people')
      .set({ department })
      .where('org_id', '=', scope.orgId)
      .where('id', '=', person.id)
      .execute()
    await scope.audit({
      operation: 'set_department',
      subject: person.name,
      old: { department: person.department },
      new: { department },
      label: peopleLabel,
    })
    return said(`${person.name} is in ${now} now, before in ${person.department ?? 'no department'}.`)
  },
})

async function departmentNamed(scope: Scope, name: string): Promise<string | null> {
  if (/^(none|nobody|-)$/i.test(name)) return null
  const rows = await scope.tx
    .selectFrom('departments')
    .select('name')
    .where('org_id', '=', scope.orgId)
    .orderBy('name')
    .execute()
  const found = rows.find((row) => row.name.toLowerCase() === name.toLowerCase())
  if (found) return found.name
  const names = [...rows.map((row) => row.name), 'none']
  throw invalidInput(`There is no department ${name}. It must be one of ${names.join(', ')}.`, {
    field: 'department',
    usage: 'people department PERSON IT|OPS|FINANCE|CSM|…|none',
  })
}
