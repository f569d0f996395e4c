import { z } from 'zod'
import { onIncident, plain } from '../../core/labels.ts'
import { loadTimeline } from '../../core/timeline.ts'
import { defineOperation } from '../define.ts'
import { incidentKey } from '../perform.ts'
import { about } from './change.ts'
import { nothing } from './verb-parts.ts'

/** Enough for a night; the audit log holds the rest. */
const most = 40

export const timeline = defineOperation({
  name: 'view_timeline',
  summary: 'Show what happened on an incident, in order.',
  input: z.strictObject({ incident: incidentKey }),
  subject: 'incident',
  permission: 'view_incident',
  effect: 'read',
  undone: "KEY's timeline is not shown",
  verb: { words: ['timeline'], aliases: ['history'], usage: 'timeline [INC]', parse: nothing },
  run: async ({ tx, incident }) => {
    const entries = await loadTimeline(tx, incident, { most })
    return {
      incident: about(incident),
      parts: [
        {
          kind: 'heading',
          label: onIncident(incident, plain),
          text: `Timeline of ${incident.key}${entries.length === most ? `, the latest ${most} entries` : ''}`,
        },
        ...entries.reverse(),
      ],
    }
  },
})
