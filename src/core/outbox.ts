import { sql } from 'kysely'
import type { Tx } from '../db/pool.ts'
import type { Priority } from '../db/schema.ts'
import { uuid } from '../db/uuid.ts'
import type { Card, Form } from '../messages/card.ts'
import type { Receipt, Route } from '../ports/platform.ts'
import type { PersonRef } from './actor.ts'
import type { Label } from './labels.ts'
import type { Outcome } from './outcome.ts'

/** What goes out, stored in the transaction that made it true. Rendered when it is sent. */
export type Notification =
  /** Shown to one person: what they may not see has been dropped already. */
  | { type: 'answer'; card: Card; given?: Given }
  /** A dialog; where its trigger has expired, a card with a button that opens it takes its place. */
  | { type: 'form'; trigger: string; form: Form }
  /** The incident's card as of the sending, kept up to date from then on. */
  | { type: 'incident_card' }
  /** Bring a posted card up to date. */
  | { type: 'card_update' }
  /** A line in the thread of the incident's card in that channel; shown as far as the channel is cleared for it. */
  | { type: 'note'; outcome: Outcome }
  /** Something one person is told in their own conversation; shown as far as they may see it. */
  | { type: 'direct'; outcome: Outcome; personId: string }
  /** Somebody is needed: what it says is fixed when it is written, so that sending it asks nothing more. */
  | { type: 'page'; page: PageFacts }
  /** Bring a page that was sent (a delivery's id) up to date: who acknowledged it, and no buttons any more. */
  | { type: 'page_update'; delivery: string }
  /** A channel of the incident's own; whom it is for is looked up when it is opened. */
  | { type: 'open_channel'; name: string }
  /** What happened, for programs. */
  | { type: 'event'; name: string; at: string; data: Record<string, unknown> }

/** What a page says. Names are people's own choice, and only ever plain words in it. */
export type PageFacts = {
  /** Absent: paged by hand, about no incident. */
  incident?: { id: string; key: string; title: string; priority: Priority; version: number }
  /** Why it came to the reader: `You are on call for payments.` */
  why: string
  step?: { number: number; of: number; round?: number }
  /** Who did not answer the step before, and how long they had. */
  before?: { names: string[]; seconds: number }
  /** Who is paged if nobody answers, and when. */
  next?: { names: string[]; at: string }
  /** By hand: by whom, and their words. */
  by?: string
  text?: string
  /** A channel's ping calls them all in one message. */
  people?: PersonRef[]
}

/** To whom a private answer was given, and where it was asked for: what sharing it there needs. */
export type Given = {
  personId: string
  label: Label
  askedIn: { workspaceId: string; channel: string; thread?: string }
  /** It stands there already. */
  shared?: boolean
}

export const urgency = { page: 0, answer: 1, post: 2, update: 3 } as const

export type NewDelivery = {
  workspaceId: string
  route: Route
  notification: Notification
  urgency: (typeof urgency)[keyof typeof urgency]
  incidentId?: string
  postedMessageId?: string
  inboxId?: string
  id?: string
  /** Sent only after this long, unless it is settled before: an answer that is being streamed. Real time. */
  delaySeconds?: number
  /** The same in business time: a later way to a person, which an acknowledgement still takes back. */
  laterSeconds?: number
  /** The page that it belongs to, and whom it pages. */
  pageId?: string
  personId?: string
}

export type StoredNotification = Notification & { route: Route }

/** One lane a destination: its order is kept and its pace is its own. */
export const destinationOf = (route: Route): string => {
  switch (route.type) {
    case 'channel':
      return `channel:${route.channel}`
    case 'person':
      return `person:${route.user}`
    case 'ephemeral':
    case 'response':
      return `private:${route.channel}:${route.user}`
  }
}

/** A statement of Postgres takes 65,535 values. */
const rowsAtOnce = 4_000

/**
 * Writes outgoing notifications into the outbox. A card update of a message that has one waiting already is folded
 * into it.
 * @returns their ids, in order.
 */
export async function enqueue(tx: Tx, orgId: string, deliveries: NewDelivery[]): Promise<string[]> {
  if (!deliveries.length) return []
  const laneIds = await lanesOf(tx, orgId, deliveries)
  const rows = deliveries.map((delivery, index) => ({
    org_id: orgId,
    id: delivery.id ?? uuid(),
    lane_id: laneIds[index]!,
    urgency: delivery.urgency,
    notification: JSON.stringify({ ...delivery.notification, route: delivery.route }),
    incident_id: delivery.incidentId ?? null,
    posted_message_id: delivery.postedMessageId ?? null,
    inbox_id: delivery.inboxId ?? null,
    page_id: delivery.pageId ?? null,
    person_id: delivery.personId ?? null,
    ...(delivery.laterSeconds
      ? {
          state: 'waiting' as const,
          due_at: sql<Date>`tocsin_now() + make_interval(secs => ${delivery.laterSeconds})`,
        }
      : {
          state: 'queued' as const,
          due_at: sql<Date>`now() + make_interval(secs => ${delivery.delaySeconds ?? 0})`,
        }),
  }))
  for (let from = 0; from < rows.length; from += rowsAtOnce) {
    await tx
      .insertInto('deliveries')
      .values(rows.slice(from, from + rowsAtOnce))
      .onConflict((oc) =>
        oc
          .columns(['org_id', 'posted_message_id'])
          .where(sql.ref('state'), '=', 'queued')
          .where('posted_message_id', 'is not', null)
          .doNothing(),
      )
      .execute()
  }
  return rows.map((row) => row.id)
}

async function lanesOf(tx: Tx, orgId: string, deliveries: NewDelivery[]): Promise<string[]> {
  const wanted = deliveries.map((delivery) => ({
    workspaceId: delivery.workspaceId,
    destination: destinationOf(delivery.route),
  }))
  const workspaces = wanted.map((lane) => lane.workspaceId)
  const destinations = wanted.map((lane) => lane.destination)
  const read = async () => {
    const { rows } = await sql<{ id: string; workspace_id: string; destination: string }>`
      select id, workspace_id, destination from lanes
      where org_id = ${orgId} and (workspace_id, destination) in (
        select * from unnest(${workspaces}::uuid[], ${destinations}::text[]))`.execute(tx)
    return new Map(rows.map((row) => [`${row.workspace_id} ${row.destination}`, row.id]))
  }
  let found = await read()
  const lacking = wanted.filter((lane) => !found.has(`${lane.workspaceId} ${lane.destination}`))
  if (lacking.length) {
    const unique = new Map(lacking.map((lane) => [`${lane.workspaceId} ${lane.destination}`, lane]))
    // In one order everywhere: two that make the same lanes at once wait for each other, and never crosswise.
    const rows = [...unique.keys()].sort().map((key) => ({
      org_id: orgId,
      id: uuid(),
      workspace_id: unique.get(key)!.workspaceId,
      destination: unique.get(key)!.destination,
    }))
    for (let from = 0; from < rows.length; from += rowsAtOnce) {
      await tx
        .insertInto('lanes')
        .values(rows.slice(from, from + rowsAtOnce))
        .onConflict((oc) => oc.columns(['org_id', 'workspace_id', 'destination']).doNothing())
        .execute()
    }
    found = await read()
  }
  return wanted.map((lane) => found.get(`${lane.workspaceId} ${lane.destination}`)!)
}

/** What was streamed has arrived already; or it has not, and is due at once. */
export async function settleStreamed(tx: Tx, orgId: string, id: string, receipt?: Receipt): Promise<void> {
  await tx
    .updateTable('deliveries')
    .set(
      receipt
        ? { state: 'sent', receipt: JSON.stringify(receipt), settled_at: sql<Date>`clock_timestamp()` }
        : { due_at: sql<Date>`now()` },
    )
    .where('org_id', '=', orgId)
    .where('id', '=', id)
    .where('state', '=', 'queued')
    .execute()
}

/** Where a posted incident card stands. */
export type PostedMessage = {
  id: string
  incidentId: string
  workspaceId: string
  receipt: Receipt
  personId?: string
}
