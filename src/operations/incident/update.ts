import { z } from 'zod'
import { paragraph } from '../../core/clean-text.ts'
import { about, priorities, statuses } from '../../core/incidents.ts'
import { onIncident, plain } from '../../core/labels.ts'
import type { Part } from '../../core/outcome.ts'
import { defineOperation, type Scope } from '../define.ts'
import { incidentKey } from '../perform.ts'
import { comment } from './comment.ts'
import { updatePriority } from './update-priority.ts'
import { neededFor, updateStatus } from './update-status.ts'

/** The Update dialog: several changes of one incident, all or none, each needing its own permission. */
export const update = defineOperation({
  name: 'update_incident',
  summary: 'Change the status and the priority of an incident and add a note, in one go.',
  input: z.strictObject({
    incident: incidentKey,
    status: z.enum(statuses).optional(),
    priority: z.enum(priorities).optional(),
    note: paragraph(4000).optional(),
  }),
  subject: 'incident',
  permission: 'view_incident',
  effect: 'write',
  undone: 'KEY was not updated',
  writes: plain,
  tool: false,
  run: async (scope, { status, priority, note }) => {
    const { incident } = scope
    const parts: Part[] = []
    let now: Scope<'incident'> = scope
    const take = (outcome: Awaited<ReturnType<typeof updateStatus.run>>) => {
      parts.push(...outcome.parts)
      const { version = incident.version, status: state = incident.status } = outcome.incident ?? {}
      now = { ...now, incident: { ...now.incident, version, status: state } }
    }
    if (status && status !== incident.status) {
      await scope.require(neededFor(incident, status))
      take(
        await updateStatus.run(now, {
          incident: incident.key,
          status,
          reason: note?.slice(0, 500).toWellFormed(),
        }),
      )
    }
    if (priority && priority !== incident.priority) {
      await scope.require('update_priority')
      take(await updatePriority.run(now, { incident: incident.key, priority }))
    }
    if (note) {
      await scope.require('comment')
      take(await comment.run(now, { incident: incident.key, text: note }))
    }
    if (!parts.length) {
      parts.push({
        kind: 'sentence',
        label: onIncident(incident, plain),
        text: `Nothing was changed on ${incident.key}.`,
      })
    }
    return { incident: about({ ...now.incident, priority: priority ?? incident.priority }), parts }
  },
})
