import { z } from 'zod'
import { loadComments } from '../../core/comments.ts'
import { loadDeliveryParts } from '../../core/delivery-status.ts'
import { loadIncidentParts } from '../../core/incident-view.ts'
import { about } from '../../core/incidents.ts'
import { defineOperation } from '../define.ts'
import { incidentKey } from '../perform.ts'
import { nothing } from './verb-parts.ts'

export const show = defineOperation({
  name: 'view_incident_details',
  summary: 'Show one incident: the parts of it that you may see.',
  input: z.strictObject({ incident: incidentKey }),
  subject: 'incident',
  permission: 'view_incident',
  effect: 'read',
  undone: 'KEY is not shown',
  verb: { words: ['show'], aliases: ['view', 'details'], usage: 'show [INC]', parse: nothing },
  run: async ({ tx, incident }) => ({
    incident: about(incident),
    parts: [
      ...(await loadIncidentParts(tx, incident)),
      ...(await loadComments(tx, incident, { most: 3 })),
      ...(await loadDeliveryParts(tx, incident)),
    ],
  }),
})
