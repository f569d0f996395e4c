import { z } from 'zod'
import { defineOperation } from '../define.ts'
import { incidentKey } from '../perform.ts'
import { assignTo } from './assign.ts'
import { nothing } from './verb-parts.ts'

export const take = defineOperation({
  name: 'take',
  summary: 'Assign an incident to yourself.',
  input: z.strictObject({ incident: incidentKey }),
  subject: 'incident',
  permission: 'assign_self',
  effect: 'write',
  undone: 'KEY was not taken',
  button: 'Take',
  verb: { words: ['take'], usage: 'take [INC]', parse: nothing },
  run: (scope) => assignTo(scope, { id: scope.actor.personId, name: scope.actor.name }, 'take'),
})
