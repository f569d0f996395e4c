import type { Actor } from '../core/actor.ts'
import { completeInbox } from '../core/inbox.ts'
import { isOfPrivate, type Label, mayRead, type Reader } from '../core/labels.ts'
import { enqueue, type NewDelivery } from '../core/outbox.ts'
import type { Outcome } from '../core/outcome.ts'
import type { Permission } from '../core/permissions.ts'
import { channelReader } from '../core/reader.ts'
import { type Db, inOrg, type OrgTx } from '../db/pool.ts'
import { uuid } from '../db/uuid.ts'
import type { TocsinError } from '../errors.ts'
import type { Button, Card, Form } from '../messages/card.ts'
import { cardOf } from '../messages/card-of.ts'
import { refusalCard } from '../messages/refusal-card.ts'
import { labelOf, visible } from '../messages/visible.ts'
import type { Route, WorkspaceRef } from '../ports/platform.ts'

/** Where an answer goes, and who reads along there. */
export type Audience = {
  workspace: WorkspaceRef
  /** The platform's user who asked. */
  user: string
  reply: Route
  channel: string
  thread?: string
  direct: boolean
  sharedOutside: boolean
  clearance: Permission[]
  inboxId?: string
}

/** An answer to one person, written into the outbox as part of the transaction that it answers for. */
export async function writeAnswer(
  { tx, orgId }: OrgTx,
  audience: Audience,
  answer: { card: Card; label: Label; private?: boolean; delaySeconds?: number; id?: string },
  actor?: Actor,
): Promise<void> {
  const { workspace, reply, channel, thread, user, inboxId } = audience
  const exceeds = answer.private || !mayRead(channelReader(audience.clearance), answer.label)
  const id = answer.id ?? uuid()
  const one = (route: Route, card: Card, more?: Partial<NewDelivery>): NewDelivery => ({
    workspaceId: workspace.id,
    route,
    notification: { type: 'answer', card },
    urgency: 1,
    inboxId,
    ...more,
  })
  const mayBeShared = !audience.direct && !audience.sharedOutside && !isOfPrivate(answer.label)
  const offersShare = exceeds && mayBeShared && actor
  const privately: NewDelivery['notification'] = offersShare
    ? {
        type: 'answer',
        card: {
          ...answer.card,
          buttons: withShare(answer.card.buttons ?? [], {
            text: reply.type === 'channel' ? 'Share in the channel' : 'Share here',
            action: { type: 'share', answer: id },
          }),
        },
        given: {
          personId: actor.personId,
          label: answer.label,
          askedIn: { workspaceId: workspace.id, channel, thread },
        },
      }
    : { type: 'answer', card: answer.card }
  const delivery = { id, delaySeconds: answer.delaySeconds }
  // A route that others read: what exceeds the channel's clearance goes to the asker alone, and the channel is told.
  if (reply.type === 'channel' && !audience.direct && exceeds) {
    // Teams has no chat with somebody who has not added the bot: there the channel is told only once it is known
    // whether the answer arrived, and if not, how to get it.
    if (workspace.platform === 'teams') {
      const alone: Route = { type: 'ephemeral', channel: reply.channel, thread: reply.thread, user }
      await enqueue(tx, orgId, [one(alone, answer.card, { ...delivery, notification: privately })])
      return
    }
    const name = actor?.name ?? 'the asker'
    await enqueue(tx, orgId, [
      one({ type: 'person', user }, answer.card, { ...delivery, notification: privately }),
      one(reply, told(`Answered ${name} privately.`)),
    ])
    return
  }
  await enqueue(tx, orgId, [one(reply, answer.card, { ...delivery, notification: privately })])
}

/** Five at most: what ends an incident stays the last, and another one makes room. */
function withShare(buttons: Button[], share: Button): Button[] {
  const last = buttons.at(-1)?.confirm ? buttons.slice(-1) : []
  const others = buttons.slice(0, buttons.length - last.length).slice(0, 4 - last.length)
  return [...others, share, ...last]
}

const told = (text: string): Card => ({ summary: text, blocks: [{ type: 'context', text }] })

/** What came of an operation, as its asker may see it. */
export async function answerOutcome(
  scope: OrgTx & { reader: Reader },
  audience: Audience,
  outcome: Outcome,
  actor: Actor,
): Promise<void> {
  const shown = visible(outcome, scope.reader)
  const card = cardOf(shown.outcome, shown.withheld)
  await writeAnswer(scope, audience, { card, label: labelOf(shown.outcome) }, actor)
}

/** A refusal is for the one who asked, never for the channel. */
export async function answerRefusal(
  { tx, orgId }: OrgTx,
  audience: Audience,
  error: TocsinError,
  command: string,
): Promise<void> {
  await answerAlone({ tx, orgId }, audience, refusalCard(error, command))
}

/** To the asker alone, wherever they asked. */
export async function answerAlone(
  { tx, orgId }: Pick<OrgTx, 'tx' | 'orgId'>,
  audience: Audience,
  card: Card,
): Promise<void> {
  const { reply, channel, thread, user, workspace, inboxId, direct } = audience
  const route: Route =
    reply.type === 'channel' && !direct ? { type: 'ephemeral', channel, user, thread } : reply
  await enqueue(tx, orgId, [
    { workspaceId: workspace.id, route, notification: { type: 'answer', card }, urgency: 1, inboxId },
  ])
}

/** Answers with nothing done: completes the inbox row and writes the answer in one transaction. */
export async function completeWith(
  db: Db,
  audience: Audience,
  answer: { card: Card } | { form: Form; trigger: string },
): Promise<void> {
  await inOrg(db, audience.workspace.orgId, async (org) => {
    if (audience.inboxId && !(await completeInbox(org.tx, org.orgId, audience.inboxId))) return
    if ('card' in answer) return answerAlone(org, audience, answer.card)
    await enqueue(org.tx, org.orgId, [
      {
        workspaceId: audience.workspace.id,
        route: audience.reply,
        notification: { type: 'form', trigger: answer.trigger, form: answer.form },
        urgency: 1,
        inboxId: audience.inboxId,
      },
    ])
  })
}
