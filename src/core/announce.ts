import { sql } from 'kysely'
import type { Tx } from '../db/pool.ts'
import { enqueue, type NewDelivery, type Notification, type urgency } from './outbox.ts'
import type { Outcome } from './outcome.ts'

/** What the channels of an incident are told when it changes: cards follow, and a line goes into their threads. */
export async function announceChange(
  tx: Tx,
  orgId: string,
  incident: { id: string; private: boolean },
  note?: Outcome,
): Promise<void> {
  const { rows } = await sql<{
    id: string
    workspace_id: string
    channel: string
    message: string
    person_id: string | null
  }>`
    select id, workspace_id, channel, message, person_id from posted_messages
    where org_id = ${orgId} and incident_id = ${incident.id}`.execute(tx)
  const deliveries: NewDelivery[] = rows.map((row) => ({
    workspaceId: row.workspace_id,
    route: { type: 'channel', channel: row.channel },
    notification: { type: 'card_update' },
    urgency: 3,
    incidentId: incident.id,
    postedMessageId: row.id,
  }))
  if (note) {
    for (const row of rows.filter((posted) => !posted.person_id)) {
      deliveries.push({
        workspaceId: row.workspace_id,
        route: { type: 'channel', channel: row.channel },
        notification: { type: 'note', outcome: note },
        urgency: 2,
        incidentId: incident.id,
      })
    }
  }
  await enqueue(tx, orgId, deliveries)
}

export type ChannelTarget = { workspaceId: string; channel: string }

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
 * Tells people something in their own conversations: an outcome, or an incident's card that follows it. Whoever has
 * no chat identity is left out.
 */
export async function tellPeople(
  tx: Tx,
  orgId: string,
  personIds: string[],
  what: Outcome | { type: 'incident_card' },
  options: { incidentId?: string; urgency?: (typeof urgency)[keyof typeof urgency] } = {},
): Promise<void> {
  if (!personIds.length) return
  const { rows } = await sql<{ person_id: string; workspace_id: string; external_id: string }>`
    select distinct on (i.person_id) i.person_id, i.workspace_id, i.external_id
    from identities i join people p on p.org_id = i.org_id and p.id = i.person_id and p.active
    where i.org_id = ${orgId} and i.kind = 'member' and i.person_id = any(${personIds}::uuid[])
    order by i.person_id, i.checked_at desc`.execute(tx)
  await enqueue(
    tx,
    orgId,
    rows.map((row) => ({
      workspaceId: row.workspace_id,
      route: { type: 'person', user: row.external_id },
      notification: ('type' in what
        ? what
        : { type: 'direct', outcome: what, personId: row.person_id }) satisfies Notification,
      urgency: options.urgency ?? 2,
      incidentId: options.incidentId,
    })),
  )
}
