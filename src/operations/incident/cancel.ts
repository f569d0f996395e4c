import { z } from 'zod'
import { defineOperation } from '../define.ts'
import { incidentKey } from '../perform.ts'
import { moveStatus } from './move-status.ts'
import { nothing } from './verb-parts.ts'

export const cancel = defineOperation({
  name: 'cancel',
  summary: 'Cancel an incident that is none.',
  input: z.strictObject({ incident: incidentKey }),
  subject: 'incident',
  permission: 'update_status',
  effect: 'write',
  undone: 'KEY was not cancelled',
  button: 'Cancel',
  verb: { words: ['cancel'], usage: 'cancel [INC]', parse: nothing },
  run: (scope) => moveStatus(scope, 'CANCELLED', { operation: 'cancel' }),
})
