import type { Claim } from '../../core/deliveries.ts'
import { usersFor } from '../../core/incident-accounts.ts'
import type { StoredNotification } from '../../core/outbox.ts'
import type { Outcome } from '../../core/outcome.ts'
import { type Db, inOrg, type OrgTx } from '../../db/pool.ts'
import type { Card } from '../../messages/card.ts'
import { closedPageCard, pageCard } from '../../messages/page-card.ts'
import {
  type CarrierName,
  type Content,
  type Outgoing,
  platforms,
  type Receipt,
  type Route,
} from '../../ports/platform.ts'
import { calledIn, mentionsFor } from './mentions.ts'

/** Who reads it: a channel as far as it is cleared, or one person as far as they may see. */
export type Audience = { workspaceId: string; channel: string; personId?: string }

/** Given by the composition root. Undefined: there is nothing (any more) that this audience may see of it. */
export type Render = {
  incident(
    scope: OrgTx,
    incidentId: string,
    audience: Audience,
  ): Promise<{ card: Card; version: number } | undefined>
  outcome(scope: OrgTx, outcome: Outcome, audience: Audience): Promise<Card | undefined>
  /** The one-time link of a page's delivery, for carriers without buttons. */
  pageLink(deliveryId: string): string
}

export type Prepared =
  /** `threadOf`: the posted message in whose thread it goes. */
  | { send: Outgoing; shown?: Shown; threadOf?: string }
  /** Nothing is to be sent, for this reason. */
  | { withdrawn: string }

/** What of the incident the message will show, and to whom. */
export type Shown = { incidentId: string; version: number; personId?: string }

type Of<T extends StoredNotification['type']> = Extract<StoredNotification, { type: T }>

/** What goes out now: rendered as of this moment, read in one short transaction and only where something must be. */
export async function prepare(
  db: Db,
  render: Render,
  claim: Claim,
  platform: CarrierName,
): Promise<Prepared> {
  const { notification } = claim
  switch (notification.type) {
    case 'form':
      return sending(claim, { type: 'form', trigger: notification.trigger, form: notification.form })
    case 'answer':
      if (!calledIn(notification.card).length) return sendingCard(claim, notification.card)
      return inOrg(db, claim.orgId, (scope) => withMentions(scope, claim, notification.card))
    case 'incident_card':
      return inOrg(db, claim.orgId, (scope) => incidentCard(scope, render, claim, notification))
    case 'card_update':
      return inOrg(db, claim.orgId, (scope) => cardUpdate(scope, render, claim))
    case 'note':
      return inOrg(db, claim.orgId, (scope) => note(scope, render, claim, notification))
    case 'direct':
      return inOrg(db, claim.orgId, (scope) => direct(scope, render, claim, notification))
    case 'page':
      return page(db, render, claim, notification, platform)
    case 'page_update':
      return inOrg(db, claim.orgId, (scope) => pageUpdate(scope, claim, notification))
    case 'open_channel':
      return inOrg(db, claim.orgId, (scope) => openChannel(scope, claim, notification))
    case 'event': {
      // Only a page is ever taken back.
      if (claim.cancelled) return { withdrawn: 'it was acknowledged meanwhile' }
      const { name, at, data } = notification
      return sending(claim, { type: 'event', name, at, data })
    }
  }
}

async function incidentCard(
  scope: OrgTx,
  render: Render,
  claim: Claim,
  { route }: Of<'incident_card'>,
): Promise<Prepared> {
  const personId = await personOf(scope, claim, route)
  const audience = { workspaceId: claim.workspaceId, channel: placeOf(route), personId }
  const { incidentId } = claim
  const rendered = incidentId ? await render.incident(scope, incidentId, audience) : undefined
  if (!incidentId || !rendered) return { withdrawn: 'there is nothing to show here any more' }
  return {
    ...(await withMentions(scope, claim, rendered.card)),
    shown: { incidentId, version: rendered.version, personId },
  }
}

async function cardUpdate(scope: OrgTx, render: Render, claim: Claim): Promise<Prepared> {
  const posted = await scope.tx
    .selectFrom('posted_messages')
    .select(['incident_id', 'workspace_id', 'channel', 'message', 'person_id', 'shown_version'])
    .where('org_id', '=', scope.orgId)
    .where('id', '=', claim.postedMessageId)
    .executeTakeFirst()
  if (!posted) return { withdrawn: 'the message is not followed any more' }
  const personId = posted.person_id ?? undefined
  const audience = { workspaceId: posted.workspace_id, channel: posted.channel, personId }
  const rendered = await render.incident(scope, posted.incident_id, audience)
  if (!rendered) return { withdrawn: 'there is nothing to show here any more' }
  if (rendered.version <= posted.shown_version) return { withdrawn: 'the message shows it already' }
  const message = { channel: posted.channel, message: posted.message }
  return {
    ...(await withMentions(scope, claim, rendered.card, { type: 'update', message, card: rendered.card })),
    shown: { incidentId: posted.incident_id, version: rendered.version, personId },
  }
}

async function note(scope: OrgTx, render: Render, claim: Claim, { route, outcome }: Of<'note'>) {
  const audience = { workspaceId: claim.workspaceId, channel: placeOf(route) }
  const card = await render.outcome(scope, outcome, audience)
  if (!card) return { withdrawn: 'there is nothing to show here' }
  const prepared = await withMentions(scope, claim, card)
  if (route.type !== 'channel' || route.thread) return prepared
  const root = await scope.tx
    .selectFrom('posted_messages')
    .select(['id', 'message'])
    .where('org_id', '=', scope.orgId)
    .where('incident_id', '=', claim.incidentId)
    .where('workspace_id', '=', claim.workspaceId)
    .where('channel', '=', route.channel)
    .orderBy('created_at', 'desc')
    .executeTakeFirst()
  if (!root) return prepared
  return {
    send: { ...prepared.send, route: { ...route, thread: root.message } },
    threadOf: root.id,
  }
}

async function direct(scope: OrgTx, render: Render, claim: Claim, notification: Of<'direct'>) {
  const { route, outcome, personId } = notification
  const audience = { workspaceId: claim.workspaceId, channel: placeOf(route), personId }
  const card = await render.outcome(scope, outcome, audience)
  return card ? withMentions(scope, claim, card) : { withdrawn: 'there is nothing that they may see of it' }
}

/** Nothing is read for it, except whom a channel's ping mentions. */
async function page(
  db: Db,
  render: Render,
  claim: Claim,
  { page: facts }: Of<'page'>,
  platform: CarrierName,
): Promise<Prepared> {
  if (claim.cancelled) return { withdrawn: 'it was acknowledged meanwhile' }
  const card = pageCard(facts, claim.pageId!, hasButtons(platform) ? undefined : render.pageLink(claim.id))
  if (!calledIn(card).length) return sendingCard(claim, card)
  return inOrg(db, claim.orgId, (scope) => withMentions(scope, claim, card))
}

const hasButtons = (platform: CarrierName): boolean => (platforms as readonly string[]).includes(platform)

async function pageUpdate(scope: OrgTx, claim: Claim, { delivery }: Of<'page_update'>): Promise<Prepared> {
  const sent = await scope.tx
    .selectFrom('deliveries')
    .innerJoin('pages', (join) =>
      join.onRef('pages.org_id', '=', 'deliveries.org_id').onRef('pages.id', '=', 'deliveries.page_id'),
    )
    .leftJoin('people', (join) =>
      join.onRef('people.org_id', '=', 'pages.org_id').onRef('people.id', '=', 'pages.closed_by'),
    )
    .leftJoin('incidents', (join) =>
      join.onRef('incidents.org_id', '=', 'pages.org_id').onRef('incidents.id', '=', 'pages.incident_id'),
    )
    .select([
      'deliveries.receipt',
      'deliveries.notification',
      'incidents.title',
      'incidents.priority',
      'incidents.version',
      'pages.id',
      'pages.created_at',
      'pages.closed_at',
      'pages.closed_as',
      'people.name',
    ])
    .where('deliveries.org_id', '=', scope.orgId)
    .where('deliveries.id', '=', delivery)
    .executeTakeFirst()
  const receipt = sent?.receipt as Receipt | null | undefined
  if (!sent || !receipt) return { withdrawn: 'the page never arrived' }
  const { page: facts } = sent.notification as unknown as Of<'page'>
  if (!sent.closed_at || !sent.closed_as) {
    const { title, priority, version } = sent
    if (!facts.incident || !title || !priority || !version) return { withdrawn: 'it shows what it did' }
    const open = pageCard({ ...facts, incident: { ...facts.incident, title, priority, version } }, sent.id)
    return withMentions(scope, claim, open, { type: 'update', message: receipt, card: open })
  }
  const card = closedPageCard({
    facts,
    as: sent.closed_as,
    by: sent.name ?? undefined,
    at: sent.closed_at.toISOString(),
    seconds: (sent.closed_at.getTime() - sent.created_at.getTime()) / 1000,
  })
  return sending(claim, { type: 'update', message: receipt, card })
}

async function openChannel(
  { tx, orgId }: OrgTx,
  claim: Claim,
  { name }: Of<'open_channel'>,
): Promise<Prepared> {
  const incident = await tx
    .selectFrom('incidents')
    .select(['id', 'key', 'title', 'private'])
    .where('org_id', '=', orgId)
    .where('id', '=', claim.incidentId)
    .executeTakeFirst()
  if (!incident || incident.private) return { withdrawn: 'it has no channel of its own' }
  const users = await usersFor(tx, orgId, incident.id, claim.workspaceId)
  return sending(claim, { type: 'open_channel', name, topic: `${incident.key} ${incident.title}`, users })
}

const sending = (claim: Claim, content: Content, mentions: Record<string, string> = {}) => ({
  send: {
    id: claim.id,
    route: claim.notification.route,
    content,
    uncertain: claim.uncertain,
    mentions,
  } satisfies Outgoing,
})

const sendingCard = (claim: Claim, card: Card, mentions?: Record<string, string>) =>
  sending(claim, { type: 'card', card }, mentions)

async function withMentions(scope: OrgTx, claim: Claim, card: Card, content?: Content) {
  const mentions = await mentionsFor(scope.tx, scope.orgId, claim.workspaceId, calledIn(card))
  return sending(claim, content ?? { type: 'card', card }, mentions)
}

/** A person's own conversation has a name of its own only once something stands in it. */
const placeOf = (route: Route): string => (route.type === 'person' ? route.user : route.channel)

async function personOf(scope: OrgTx, claim: Claim, route: Route): Promise<string | undefined> {
  if (route.type === 'channel') return undefined
  const row = await scope.tx
    .selectFrom('identities')
    .select('person_id')
    .where('org_id', '=', scope.orgId)
    .where('workspace_id', '=', claim.workspaceId)
    .where('external_id', '=', route.user)
    .executeTakeFirst()
  return row?.person_id ?? undefined
}
