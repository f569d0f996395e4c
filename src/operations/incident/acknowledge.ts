import { z } from 'zod'
import { isOpen } from '../../core/lifecycle.ts'
import { conflict } from '../../errors.ts'
import { defineOperation } from '../define.ts'
import { answerLatePages } from '../people/answer-pages.ts'
import { incidentKey } from '../perform.ts'
import { alreadySo, changeAndTell, doneSinceShown } from './change.ts'
import { nothing } from './verb-parts.ts'

export const acknowledge = defineOperation({
  name: 'acknowledge',
  summary: 'Acknowledge an incident: somebody is on it, paging stops.',
  input: z.strictObject({ incident: incidentKey }),
  subject: 'incident',
  permission: 'acknowledge',
  effect: 'write',
  undone: 'KEY was not acknowledged',
  button: 'Acknowledge',
  verb: { words: ['ack'], aliases: ['acknowledge'], usage: 'ack [INC]', parse: nothing },
  run: async (scope) => {
    const { tx, orgId, incident, actor, now } = scope
    const seen = await answerLatePages(scope)
    const earlier = await doneSinceShown(scope, ['acknowledge'])
    // Paging may have started again since: then a click is an answer, whatever its card shows.
    const stands = incident.acknowledged_at || !isOpen(incident.status)
    if (earlier && stands) return alreadySo(incident, 'acknowledged', earlier)
    if (!isOpen(incident.status)) {
      if (seen) return seen
      throw conflict(`${incident.key} was not acknowledged: it is ${incident.status}.`, {
        incidentKey: incident.key,
      })
    }
    if (incident.acknowledged_at) {
      const by = await tx
        .selectFrom('people')
        .select('name')
        .where('org_id', '=', orgId)
        .where('id', '=', incident.acknowledged_by)
        .executeTakeFirst()
      return alreadySo(incident, 'acknowledged', {
        by: by?.name ?? 'somebody',
        at: incident.acknowledged_at,
      })
    }
    return changeAndTell(scope, {
      operation: 'acknowledge',
      change: 'acknowledged',
      columns: { status: 'IN_PROGRESS', acknowledged_at: now, acknowledged_by: actor.personId },
      old: { status: incident.status },
      new: { status: 'IN_PROGRESS' },
    })
  },
})
