import { z } from 'zod'
import { paragraph } from '../../core/clean-text.ts'
import { about } from '../../core/incidents.ts'
import { onIncident } from '../../core/labels.ts'
import { defineOperation } from '../define.ts'
import { incidentKey } from '../perform.ts'
import { changeAndTell } from './change.ts'

const label = ['view_business_impact'] as const

export const updateBusinessImpact = defineOperation({
  name: 'update_business_impact',
  summary: 'Show or write what an incident means for the business.',
  input: z.strictObject({ incident: incidentKey, text: paragraph(2000).optional() }),
  subject: 'incident',
  permission: {
    anyOf: ['update_business_impact', 'view_business_impact'],
    needed: (_scope, { text }) => (text ? 'update_business_impact' : 'view_business_impact'),
  },
  effect: 'write',
  undone: "KEY's business impact was neither shown nor changed",
  writes: label,
  button: 'Update impact',
  verb: {
    words: ['impact'],
    usage: 'impact [INC] [text]',
    parse: (rest) => (rest === '' ? {} : { text: rest }),
  },
  run: async (scope, { text }) => {
    const { incident } = scope
    if (!text) {
      return {
        incident: about(incident),
        parts: [
          incident.business_impact
            ? {
                kind: 'business_impact',
                label: onIncident(incident, label),
                authors: ['unknown'],
                text: incident.business_impact,
              }
            : {
                kind: 'sentence',
                label: onIncident(incident, label),
                text: `Nobody has described ${incident.key}'s business impact yet.`,
              },
        ],
      }
    }
    return changeAndTell(scope, {
      operation: 'update_business_impact',
      change: 'business_impact',
      columns: { business_impact: text },
      old: { business_impact: incident.business_impact ?? undefined },
      new: { business_impact: text },
      label,
      announce: false,
    })
  },
})
