import { type Claim, settle, type Verdict } from '../../core/deliveries.ts'
import { enqueue, type NewDelivery, type Notification } from '../../core/outbox.ts'
import { channelMissing } from '../../core/own-channel/settle.ts'
import type { OrgTx } from '../../db/pool.ts'
import type { Card, Form } from '../../messages/card.ts'
import type { DeliveryResult, Route } from '../../ports/platform.ts'
import { LaneLost } from './after-sent.ts'
import { mentionsFor } from './mentions.ts'
import { lockPage, tryNextRoute } from './next-route.ts'
import type { Prepared } from './prepare.ts'

export type Failure = Extract<DeliveryResult, { ok: false; retry: false }>

/** What cannot be sent is settled together with what takes its place. */
export async function settleFailed(
  scope: OrgTx,
  claim: Claim,
  prepared: Prepared | undefined,
  failure: Failure,
  paceMs: number,
): Promise<'sent' | 'dead' | 'withdrawn' | 'queued'> {
  const verdict = await successor(scope, claim, prepared, failure)
  const page = claim.pageId ? await lockPage(scope, claim.pageId) : undefined
  const state = await settle(scope.tx, claim, verdict, paceMs)
  if (!state) throw new LaneLost()
  if (page?.open && state === 'dead') await tryNextRoute(scope, claim, failure.reason)
  return state
}

async function successor(
  scope: OrgTx,
  claim: Claim,
  prepared: Prepared | undefined,
  { gone, reason }: Failure,
): Promise<Verdict> {
  const { notification } = claim
  const dead = { state: 'dead', reason } as const
  switch (notification.type) {
    case 'form':
      await replace(scope, claim, { type: 'answer', card: openFormCard(notification.form) })
      return gone === 'trigger'
        ? { state: 'withdrawn', reason: 'its trigger expired: a button took its place' }
        : dead
    case 'answer': {
      const { route, ...answer } = notification
      const next = nextRoute(route)
      if (next) await replace(scope, claim, answer, next)
      return dead
    }
    case 'card_update':
      return gone ? await cardGone(scope, claim, gone, reason) : dead
    case 'note':
      if (gone !== 'message' || !prepared || !('send' in prepared) || !prepared.threadOf) return dead
      // Its root is gone: without a card there, the channel itself is the place.
      await forget(scope, prepared.threadOf)
      return { state: 'queued', reason, delayMs: 0 }
    case 'open_channel':
      if (claim.incidentId) await channelMissing(scope, claim.incidentId, reason)
      return dead
    default:
      return dead
  }
}

/** A private answer has three ways to its reader: the address that came with the command, then less private ones. */
const nextRoute = (route: Route): Route | undefined => {
  if (route.type === 'response') return { type: 'ephemeral', channel: route.channel, user: route.user }
  if (route.type === 'ephemeral') return { type: 'person', user: route.user }
  return undefined
}

const openFormCard = (form: Form): Card => ({
  summary: `${form.title}: the dialog did not open in time.`,
  blocks: [{ type: 'text', text: `${form.title}: the dialog did not open in time.` }],
  buttons: [
    {
      text: 'Open the form',
      style: 'primary',
      action: { type: 'form', form: form.operation, values: form.hidden },
    },
  ],
})

/** A followed message that somebody deleted is posted anew; in a channel that is gone, nothing is followed. */
async function cardGone(scope: OrgTx, claim: Claim, gone: string, reason: string): Promise<Verdict> {
  const posted = await forget(scope, claim.postedMessageId!)
  if (gone !== 'message') return { state: 'dead', reason }
  if (!posted) return { state: 'withdrawn', reason: 'the message is not followed any more' }
  const route = await placeOf(scope, claim, posted)
  if (!route) return { state: 'withdrawn', reason: 'the message is gone, and so is its reader' }
  await replace(scope, claim, { type: 'incident_card' }, route)
  return { state: 'withdrawn', reason: 'the message was gone: posted anew' }
}

async function placeOf(
  scope: OrgTx,
  claim: Claim,
  posted: { channel: string; person_id: string | null },
): Promise<Route | undefined> {
  if (!posted.person_id) return { type: 'channel', channel: posted.channel }
  const users = await mentionsFor(scope.tx, scope.orgId, claim.workspaceId, [posted.person_id])
  const user = users[posted.person_id]
  return user ? { type: 'person', user } : undefined
}

const forget = (scope: OrgTx, postedId: string) =>
  scope.tx
    .deleteFrom('posted_messages')
    .where('org_id', '=', scope.orgId)
    .where('id', '=', postedId)
    .returning(['channel', 'person_id'])
    .executeTakeFirst()

async function replace(
  scope: OrgTx,
  claim: Claim,
  notification: Notification,
  route: Route = claim.notification.route,
): Promise<void> {
  const next: NewDelivery = {
    workspaceId: claim.workspaceId,
    route,
    notification,
    urgency: notification.type === 'incident_card' ? 2 : claim.urgency,
    incidentId: claim.incidentId ?? undefined,
    inboxId: claim.inboxId ?? undefined,
  }
  await enqueue(scope.tx, scope.orgId, [next])
}
