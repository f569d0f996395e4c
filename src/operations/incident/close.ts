import { z } from 'zod'
import type { Incident } from '../../core/incidents.ts'
import { defineOperation } from '../define.ts'
import { incidentKey } from '../perform.ts'
import { moveStatus } from './move-status.ts'
import { nothing } from './verb-parts.ts'

/** A reporter closes their own; anybody else's takes more. */
export const neededToClose = (incident: Incident) =>
  incident.relations.reporter ? ('close_own' as const) : ('close_any' as const)

export const close = defineOperation({
  name: 'close',
  summary: 'Close a resolved incident.',
  input: z.strictObject({ incident: incidentKey }),
  subject: 'incident',
  permission: {
    anyOf: ['close_own', 'close_any'],
    needed: ({ incident }) => neededToClose(incident),
  },
  effect: 'write',
  undone: 'KEY was not closed',
  button: 'Close',
  verb: { words: ['close'], usage: 'close [INC]', parse: nothing },
  run: (scope) => moveStatus(scope, 'CLOSED', { operation: 'close' }),
})
