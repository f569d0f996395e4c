import { z } from 'zod'
import { loadComments } from '../../core/comments.ts'
import { loadIncidentParts } from '../../core/incident-view.ts'
import { about } from '../../core/incidents.ts'
import { onIncident, plain } from '../../core/labels.ts'
import { loadTimeline } from '../../core/timeline.ts'
import { defineOperation } from '../define.ts'
import { incidentKey } from '../perform.ts'
import { nothing } from './verb-parts.ts'

/** The plain digest; asked in words with a model connected, the agent tells it in its own from the same parts. */
export const summarise = defineOperation({
  name: 'summarise',
  summary: 'Catch up on an incident: where it stands, who is on it, what happened last.',
  input: z.strictObject({ incident: incidentKey }),
  subject: 'incident',
  permission: 'view_incident',
  effect: 'read',
  toldByAgent: true,
  undone: 'KEY is not shown',
  verb: {
    words: ['summary'],
    aliases: ['catchup', 'summarise', 'summarize'],
    usage: 'summary [INC]',
    parse: nothing,
  },
  run: async ({ tx, incident }) => ({
    incident: about(incident),
    parts: [
      ...(await loadIncidentParts(tx, incident)),
      { kind: 'heading', label: onIncident(incident, plain), text: 'What happened last' },
      ...(await loadTimeline(tx, incident, { most: 8 })).reverse(),
      ...(await loadComments(tx, incident, { most: 5 })),
    ],
  }),
})
