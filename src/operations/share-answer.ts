import { sql } from 'kysely'
import { z } from 'zod'
import { isOfPrivate, mayRead } from '../core/labels.ts'
import { enqueue, type StoredNotification } from '../core/outbox.ts'
import { loadReader } from '../core/reader.ts'
import { conflict, notFound } from '../errors.ts'
import { defineOperation } from './define.ts'

export const shareAnswer = defineOperation({
  name: 'share_answer',
  summary: 'Show an answer that was given to you alone to everybody in the channel where you asked.',
  input: z.strictObject({ answer: z.uuid() }),
  permission: 'view_incident',
  effect: 'write',
  tool: false,
  run: async (scope, { answer }) => {
    const { tx, orgId, actor, standing } = scope
    const row = await tx
      .selectFrom('deliveries')
      .select('notification')
      .where('org_id', '=', orgId)
      .where('id', '=', answer)
      .forUpdate()
      .executeTakeFirst()
    const stored = row?.notification as StoredNotification | undefined
    const given = stored?.type === 'answer' ? stored.given : undefined
    // Only the one it was given to lowers it, and only while they may still read it themselves.
    if (!given || given.personId !== actor.personId || stored?.type !== 'answer') {
      throw notFound('There is no such answer of yours to share.')
    }
    const reader = await loadReader(tx, orgId, standing, [given.label])
    if (!mayRead(reader, given.label)) throw notFound('There is no such answer of yours to share.')
    if (isOfPrivate(given.label)) throw conflict('That was not shared: the incident is private.')
    if (given.shared) throw conflict('That is shared already. Nothing was changed.')
    await sql`update deliveries set notification = jsonb_set(notification, '{given,shared}', 'true')
      where org_id = ${orgId} and id = ${answer}`.execute(tx)
    const outsiders = await tx
      .selectFrom('channels')
      .select('channel')
      .where('org_id', '=', orgId)
      .where('channel', '=', given.askedIn.channel)
      .where('shared_outside', '=', true)
      .executeTakeFirst()
    if (outsiders) throw conflict('That was not shared: another organisation reads that channel.')
    await enqueue(tx, orgId, [
      {
        workspaceId: given.askedIn.workspaceId,
        route: { type: 'channel', channel: given.askedIn.channel, thread: given.askedIn.thread },
        notification: {
          type: 'answer',
          card: {
            ...stored.card,
            summary: `Shared by ${actor.name}: ${stored.card.summary}`,
            // Buttons were for the asker: pressed by others they would act for those.
            blocks: [
              { type: 'context', text: `Shared by ${actor.name}` },
              ...stored.card.blocks.filter((block) => block.type !== 'buttons'),
            ],
            buttons: undefined,
          },
        },
        urgency: 1,
      },
    ])
    await scope.audit({
      operation: 'share_answer',
      subject: stored.card.summary.slice(0, 200),
      old: { needs: [...given.label] },
      new: { channel: given.askedIn.channel },
      label: [...given.label, 'view_audit'],
    })
    return { parts: [{ kind: 'sentence', label: ['view_incident'], text: 'Shared in the channel.' }] }
  },
})
