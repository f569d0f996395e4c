import { z } from 'zod'
import { loadDeliveryStory } from '../../core/delivery-status.ts'
import { about } from '../../core/incidents.ts'
import { onIncident, plain } from '../../core/labels.ts'
import { loadTimeline } from '../../core/timeline.ts'
import { defineOperation } from '../define.ts'
import { incidentKey } from '../perform.ts'
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
    const deliveries = await loadDeliveryStory(tx, incident)
    return {
      incident: about(incident),
      parts: [
        {
          kind: 'heading',
          label: onIncident(incident, plain),
          text: `Timeline of ${incident.key}${entries.length === most ? `, the latest ${most} entries` : ''}`,
        },
        ...inOrder([...entries.reverse(), ...deliveries.entries]),
        ...deliveries.now,
      ],
    }
  },
})

type Entry = Awaited<ReturnType<typeof loadTimeline>>[number]

const inOrder = (entries: Entry[]): Entry[] =>
  entries.toSorted((a, b) => Date.parse(a.entry.at) - Date.parse(b.entry.at))
