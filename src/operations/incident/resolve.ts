import { z } from 'zod'
import { defineOperation } from '../define.ts'
import { incidentKey } from '../perform.ts'
import { moveStatus } from './move-status.ts'
import { nothing } from './verb-parts.ts'

export const resolve = defineOperation({
  name: 'resolve',
  summary: 'Mark an incident resolved.',
  input: z.strictObject({ incident: incidentKey }),
  subject: 'incident',
  permission: 'update_status',
  effect: 'write',
  undone: 'KEY was not resolved',
  button: 'Resolve',
  verb: { words: ['resolve'], usage: 'resolve [INC]', parse: nothing },
  run: (scope) => moveStatus(scope, 'RESOLVED', { operation: 'resolve' }),
})
