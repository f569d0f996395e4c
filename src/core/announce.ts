import { sql } from 'kysely'
import type { Tx } from '../db/pool.ts'
import { type Label, plain } from './labels.ts'
import { enqueue, type NewDelivery, type Notification, type urgency } from './outbox.ts'
import type { Outcome } from './outcome.ts'
import { reachesOf } from './preferences/reach.ts'

/** What the channels of an incident are told when it changes: cards follow, and a line goes into their threads. */
export const announceChange = (
  tx: Tx,
  orgId: string,
  incident: { id: string },
  note?: Outcome,
): Promise<void> => announceChanges(tx, orgId, [{ incident, note }])

/** The same of many incidents at once. */
export async function announceChanges(
  tx: Tx,
  orgId: string,
  changes: { incident: { id: string }; note?: Outcome }[],
): Promise<void> {
  if (!changes.length) return
  const notes = new Map(changes.map(({ incident, note }) => [incident.id, note]))
  const { rows } = await sql<{
    id: string
    incident_id: string
    workspace_id: string
    channel: string
    message: string
    person_id: string | null
  }>`
    select id, incident_id, workspace_id, channel, message, person_id from posted_messages
    where org_id = ${orgId} and incident_id = any(${[...notes.keys()]}::uuid[])`.execute(tx)
  const deliveries: NewDelivery[] = rows.map((row) => ({
    workspaceId: row.workspace_id,
    route: { type: 'channel', channel: row.channel },
    notification: { type: 'card_update' },
    urgency: 3,
    incidentId: row.incident_id,
    postedMessageId: row.id,
  }))
  for (const row of rows) {
    const note = notes.get(row.incident_id)
    if (!note || row.person_id) continue
    deliveries.push({
      workspaceId: row.workspace_id,
      route: { type: 'channel', channel: row.channel },
      notification: { type: 'note', outcome: note },
      urgency: 2,
      incidentId: row.incident_id,
    })
  }
  await enqueue(tx, orgId, deliveries)
}

/** What everybody who sees incidents may read. */
const isPlain = (label: Label): boolean => label.every((requirement) => plain.includes(requirement))

export type ChannelTarget = { workspaceId: string; channel: string }

/** A line in the threads of cards that are about to stand there: in each channel it comes after its card. */
export const noteIn = (
  tx: Tx,
  orgId: string,
  places: ChannelTarget[],
  incidentId: string,
  outcome: Outcome,
): Promise<unknown> =>
  enqueue(
    tx,
    orgId,
    places.map(({ workspaceId, channel }) => ({
      workspaceId,
      route: { type: 'channel', channel },
      notification: { type: 'note', outcome },
      urgency: 2,
      incidentId,
    })),
  )

/**
 * Where a new incident is shown: the channels that announce incidents, its team's own, and the channel it was
 * declared in. A private one is shown nowhere.
 */
export async function channelsFor(
  tx: Tx,
  orgId: string,
  teamId: string | null,
  declaredIn?: ChannelTarget,
): Promise<ChannelTarget[]> {
  const { rows } = await sql<ChannelTarget>`
    select distinct on (c.platform, c.channel) w.id as "workspaceId", c.channel
    from channels c join workspaces w on w.org_id = c.org_id and w.platform = c.platform
    where c.org_id = ${orgId} and (c.announces or c.team_id = ${teamId}::uuid)
    order by c.platform, c.channel, w.created_at`.execute(tx)
  const known = new Set(rows.map((row) => `${row.workspaceId} ${row.channel}`))
  if (declaredIn && !known.has(`${declaredIn.workspaceId} ${declaredIn.channel}`)) rows.push(declaredIn)
  return rows
}

/**
 * Tells people something in the ways they want to hear of it, quiet hours kept: an outcome once for each way, or an
 * incident's card, which follows it and therefore stands in their chat alone. Whoever has no such way is left out.
 */
export async function tellPeople(
  tx: Tx,
  orgId: string,
  personIds: string[],
  what: Outcome | { type: 'incident_card' },
  options: {
    incidentId?: string
    urgency?: (typeof urgency)[keyof typeof urgency]
    /** What they wait for: their quiet hours do not count. */
    always?: boolean
  } = {},
): Promise<void> {
  if (!personIds.length) return
  const { rows } = await sql<{ now: Date }>`select tocsin_now() as now`.execute(tx)
  const scope = { tx, orgId, now: rows[0]!.now }
  const reaches = await reachesOf(scope, personIds, 'low', {
    always: options.always,
    chatOnly: 'type' in what,
    personal: 'type' in what || !what.parts.every(({ label }) => isPlain(label)),
  })
  await enqueue(
    tx,
    orgId,
    [...reaches.values()].flat().map(({ personId, workspaceId, route, afterSeconds }) => ({
      workspaceId,
      route,
      notification: ('type' in what
        ? what
        : { type: 'direct', outcome: what, personId }) satisfies Notification,
      urgency: options.urgency ?? 2,
      incidentId: options.incidentId,
      laterSeconds: afterSeconds,
    })),
  )
}
