import { priorities } from '../core/incidents.ts'
import { allowedFrom } from '../core/lifecycle.ts'
import type { IncidentLine } from '../core/outcome.ts'
import type { Permission } from '../core/permissions.ts'
import type { IncidentStatus } from '../db/schema.ts'
import type { Form } from '../messages/card.ts'
import { dots } from '../messages/incident-card.ts'

type Has = (permission: Permission) => boolean

const priorityField = (value?: string) => ({
  name: 'priority',
  label: 'Priority',
  type: 'select' as const,
  optional: true,
  value,
  options: priorities.map((priority) => ({ value: priority, text: `${dots[priority]} ${priority}` })),
})

/** Declaring; the fields that a person may not set are absent. `channel` is where it was asked for. */
export const declareForm = (has: Has, values: Record<string, unknown> = {}): Form => ({
  operation: 'create_incident',
  title: 'Declare an incident',
  submit: 'Declare',
  hidden: { channel: values.channel },
  fields: [
    {
      name: 'title',
      label: 'Title',
      type: 'text',
      maxLength: 200,
      hint: 'What is broken, in a few words',
      value: text(values.title),
    },
    {
      name: 'description',
      label: 'Description',
      type: 'multiline',
      maxLength: 3000,
      optional: true,
    },
    ...(has('update_priority') ? [priorityField()] : []),
  ],
})

/** A note on one of these incidents; `text` is what it is made from. */
export const noteForm = (incidents: IncidentLine[], values: Record<string, unknown> = {}): Form => ({
  operation: 'comment',
  title: 'Add to the timeline',
  submit: 'Add',
  fields: [
    {
      name: 'incident',
      label: 'Incident',
      type: 'select',
      options: incidents.map(({ key, title }) => ({ value: key, text: `${key} ${title}` })),
    },
    { name: 'text', label: 'Note', type: 'multiline', maxLength: 3000, value: text(values.text) },
  ],
})

/** Changing an incident's status, priority, or adding a note: what the person may. */
export const updateForm = (
  has: Has,
  incident: { key: string; status: IncidentStatus; priority: string },
): Form => ({
  operation: 'update_incident',
  title: `Update ${incident.key}`,
  submit: 'Update',
  hidden: { incident: incident.key },
  fields: [
    ...(has('update_status') && allowedFrom(incident.status).length
      ? [
          {
            name: 'status',
            label: 'Status',
            type: 'select' as const,
            optional: true,
            hint: `It is ${incident.status} now`,
            options: allowedFrom(incident.status).map((status) => ({ value: status, text: status })),
          },
        ]
      : []),
    ...(has('update_priority') ? [priorityField(incident.priority)] : []),
    ...(has('comment')
      ? [
          {
            name: 'note',
            label: 'Note',
            type: 'multiline' as const,
            maxLength: 3000,
            optional: true,
            hint: 'Everybody who sees the incident can read it',
          },
        ]
      : []),
  ],
})

export const reopenForm = (key: string): Form => ({
  operation: 'reopen',
  title: `Reopen ${key}`,
  submit: 'Reopen',
  hidden: { incident: key },
  fields: [{ name: 'reason', label: 'Reason', type: 'text', maxLength: 500 }],
})

const text = (value: unknown) => (typeof value === 'string' && value ? value : undefined)
