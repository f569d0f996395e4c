import { z } from 'zod'
import { priorities } from '../../core/incidents.ts'
import { isOpen } from '../../core/lifecycle.ts'
import { conflict } from '../../errors.ts'
import { defineOperation } from '../define.ts'
import { incidentKey } from '../perform.ts'
import { alreadySo, changeAndTell, firstDoer } from './change.ts'
import { oneWordAs } from './verb-parts.ts'

const upper = (value: unknown) => (typeof value === 'string' ? value.trim().toUpperCase() : value)

export const updatePriority = defineOperation({
  name: 'update_priority',
  summary: 'Change how urgent an incident is.',
  input: z.strictObject({ incident: incidentKey, priority: z.preprocess(upper, z.enum(priorities)) }),
  subject: 'incident',
  permission: 'update_priority',
  effect: 'write',
  undone: "KEY's priority was not changed",
  button: 'Set priority',
  verb: {
    words: ['priority'],
    aliases: ['severity', 'sev'],
    usage: 'priority [INC] P1..P5',
    parse: oneWordAs('priority'),
  },
  run: async (scope, { priority }) => {
    const { incident } = scope
    if (!isOpen(incident.status) && incident.status !== 'RESOLVED') {
      throw conflict(`${incident.key}'s priority was not changed: it is ${incident.status}.`, {
        incidentKey: incident.key,
      })
    }
    if (incident.priority === priority) {
      const first = await firstDoer(scope, ['update_priority', 'create_incident'])
      return alreadySo(incident, 'priority', { ...first, to: priority })
    }
    return changeAndTell(scope, {
      operation: 'update_priority',
      change: 'priority',
      columns: { priority },
      old: { priority: incident.priority },
      new: { priority },
      from: incident.priority,
      to: priority,
    })
  },
})
