import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import { defineOperation } from '../define.ts'
import { incidentKey } from '../perform.ts'
import { moveStatus, notAllowed } from './move-status.ts'
import { allAs } from './verb-parts.ts'

export const reopen = defineOperation({
  name: 'reopen',
  summary: 'Re-open a resolved incident, with a reason.',
  input: z.strictObject({ incident: incidentKey, reason: line(500) }),
  subject: 'incident',
  permission: 'update_status',
  effect: 'write',
  undone: 'KEY was not reopened',
  button: 'Reopen',
  verb: { words: ['reopen'], usage: 'reopen [INC] <reason>', parse: allAs('reason') },
  run: (scope, { reason }) => {
    if (scope.incident.status !== 'RESOLVED') throw notAllowed(scope.incident, 'IN_PROGRESS')
    return moveStatus(scope, 'IN_PROGRESS', { operation: 'reopen', reason })
  },
})
