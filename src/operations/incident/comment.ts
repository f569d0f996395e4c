import { z } from 'zod'
import { paragraph } from '../../core/clean-text.ts'
import { plain } from '../../core/labels.ts'
import { uuid } from '../../db/uuid.ts'
import { defineOperation } from '../define.ts'
import { incidentKey } from '../perform.ts'
import { changeAndTell } from './change.ts'

export const comment = defineOperation({
  name: 'comment',
  summary: 'Write a note on an incident, public or internal.',
  input: z.strictObject({ incident: incidentKey, text: paragraph(4000), internal: z.boolean().optional() }),
  subject: 'incident',
  permission: {
    anyOf: ['comment', 'comment_internal'],
    needed: (_scope, { internal }) => (internal ? 'comment_internal' : 'comment'),
  },
  effect: 'write',
  undone: 'The note was not added to KEY',
  writes: plain,
  button: 'Add note',
  verb: {
    words: ['note'],
    aliases: ['comment'],
    usage: 'note [INC] [internal] <text>',
    parse: (rest) => {
      const internal = /^internal\s+/i.test(rest)
      const text = rest.replace(/^internal\s+/i, '')
      return text === '' ? undefined : { text, ...(internal && { internal: true }) }
    },
  },
  run: async (scope, { text, internal }) => {
    const { tx, orgId, incident, actor, now } = scope
    await tx
      .insertInto('comments')
      .values({
        org_id: orgId,
        id: uuid(),
        incident_id: incident.id,
        author_id: actor.personId,
        visibility: internal ? 'internal' : 'public',
        body: text,
        created_at: now,
      })
      .execute()
    return changeAndTell(scope, {
      operation: 'comment',
      change: 'commented',
      new: { text, visibility: internal ? 'internal' : 'public' },
      to: internal ? 'internal' : 'public',
      label: internal ? ['view_internal'] : plain,
      announce: false,
    })
  },
})
