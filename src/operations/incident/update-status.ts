import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import { type Incident, statuses } from '../../core/incidents.ts'
import { parseStatus } from '../../core/lifecycle.ts'
import type { IncidentStatus } from '../../db/schema.ts'
import { invalidInput } from '../../errors.ts'
import { defineOperation } from '../define.ts'
import { incidentKey } from '../perform.ts'
import { neededToClose } from './close.ts'
import { moveStatus } from './move-status.ts'

const spoken = z.preprocess(
  (status) => (typeof status === 'string' ? (parseStatus(status) ?? status) : status),
  z.enum(statuses),
)

/** Closing is for the reporter or a manager; every other move needs update_status. */
export const neededFor = (incident: Incident, status: IncidentStatus) =>
  status === 'CLOSED' ? neededToClose(incident) : ('update_status' as const)

export const updateStatus = defineOperation({
  name: 'update_status',
  summary: 'Move an incident to another status.',
  input: z.strictObject({ incident: incidentKey, status: spoken, reason: line(500).optional() }),
  subject: 'incident',
  permission: {
    anyOf: ['update_status', 'close_own', 'close_any'],
    needed: ({ incident }, { status }) => neededFor(incident, status),
  },
  effect: 'write',
  undone: "KEY's status was not changed",
  button: 'Set status',
  verb: {
    words: ['status'],
    usage: 'status [INC] open|in_progress|resolved|closed [reason]',
    parse: (rest) => {
      const [, word, reason] = /^(\S+)(?:\s+(.+))?$/s.exec(rest) ?? []
      if (!word) return undefined
      if (parseStatus(rest)) return { status: rest }
      return parseStatus(word) || !reason ? { status: word, ...(reason && { reason }) } : undefined
    },
  },
  run: (scope, { status, reason }) => {
    if (scope.incident.status === 'RESOLVED' && status === 'IN_PROGRESS' && !reason) {
      throw invalidInput(`${scope.incident.key} was not re-opened: that needs a reason.`, {
        field: 'reason',
        usage: `reopen ${scope.incident.key} <reason>`,
      })
    }
    return moveStatus(scope, status, { operation: 'update_status', reason })
  },
})
