import { z } from 'zod'
import { defineOperation } from '../define.ts'
import { incidentKey } from '../perform.ts'
import { assigneeName, assignTo } from './assign.ts'
import { alreadySo, doneSinceShown } from './change.ts'
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
  run: async (scope) => {
    const earlier = await doneSinceShown(scope, ['take', 'assign', 'hand_off'])
    if (earlier) return alreadySo(scope.incident, 'taken', { ...earlier, to: await assigneeName(scope) })
    return assignTo(scope, { id: scope.actor.personId, name: scope.actor.name }, 'take')
  },
})
