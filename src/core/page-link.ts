/**
 * The one-time link that a page carries where nothing can be pressed. Its token is the delivery's id and a signature:
 * whoever has it may acknowledge or escalate once as the person who was paged, and do nothing else.
 */
import { sql } from 'kysely'
import { type Db, inOrg, type OrgTx, type Tx } from '../db/pool.ts'
import type { IncidentStatus, Priority } from '../db/schema.ts'
import type { Signing } from '../encryption.ts'
import type { PageFacts } from './outbox.ts'

/** The purpose of the key that signs them, and how many bytes of a signature they carry. */
export const pageLinks = { purpose: 'page links', signatureBytes: 12 } as const

/** Business time after the page. */
const lifeHours = 24

const idBytes = 16

/** 38 characters: a text message has room for little more. */
export function pageToken(signing: Signing, deliveryId: string): string {
  const id = Buffer.from(deliveryId.replaceAll('-', ''), 'hex')
  return Buffer.concat([id, signing.sign(id)]).toString('base64url')
}

/** The delivery that a token names; undefined for one that was not made here. */
export function deliveryOf(signing: Signing, token: string): string | undefined {
  if (!/^[\w-]{38}$/.test(token)) return undefined
  const bytes = Buffer.from(token, 'base64url')
  // The last character has bits to spare: only the spelling that was given out counts.
  if (bytes.toString('base64url') !== token) return undefined
  const id = bytes.subarray(0, idBytes)
  if (!signing.verify(id, bytes.subarray(idBytes))) return undefined
  return id.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

export type PageLink = {
  orgId: string
  deliveryId: string
  pageId: string
  person: { id: string; name: string }
  surface: 'email' | 'sms'
  /** What the message said. */
  facts: PageFacts
  sentAt: Date
  state: LinkState
  /** As it is now. */
  incident?: { key: string; title: string; status: IncidentStatus; priority: Priority }
}

/** `gone`: the person has no access any more, and reads nothing here. */
export type LinkState =
  | { type: 'open' }
  | { type: 'closed'; as: 'acknowledged' | 'ended'; by?: string; at: Date }
  | { type: 'used'; at: Date }
  | { type: 'expired' }
  | { type: 'gone' }

/** Undefined when there is no such page (any more). */
export async function findPageLink(db: Db, deliveryId: string): Promise<PageLink | undefined> {
  const { rows } = await sql<{ org_id: string }>`
    select org_id from find_page_link(${deliveryId}::uuid)`.execute(db.app)
  const orgId = rows[0]?.org_id
  return orgId === undefined ? undefined : inOrg(db, orgId, (scope) => readPageLink(scope, deliveryId))
}

type Row = {
  notification: { page?: PageFacts }
  page_id: string
  link_used_at: Date | null
  platform: string | null
  created_at: Date
  closed_at: Date | null
  closed_as: 'acknowledged' | 'ended' | null
  closed_by: string | null
  person_id: string
  person: string
  active: boolean
  key: string | null
  title: string
  status: IncidentStatus
  priority: Priority
  expired: boolean
}

async function readPageLink({ tx, orgId, now }: OrgTx, deliveryId: string): Promise<PageLink | undefined> {
  const { rows } = await sql<Row>`
    select d.notification, d.page_id, d.link_used_at, w.platform, g.created_at, g.closed_at, g.closed_as,
      closer.name as closed_by, p.id as person_id, p.name as person, p.active, i.key, i.title, i.status, i.priority,
      g.created_at <= ${now}::timestamptz - make_interval(hours => ${lifeHours}) as expired
    from deliveries d
    join pages g on g.org_id = d.org_id and g.id = d.page_id
    join people p on p.org_id = d.org_id and p.id = d.person_id
    left join people closer on closer.org_id = g.org_id and closer.id = g.closed_by
    left join incidents i on i.org_id = g.org_id and i.id = g.incident_id
    left join lanes l on l.org_id = d.org_id and l.id = d.lane_id
    left join workspaces w on w.org_id = l.org_id and w.id = l.workspace_id
    where d.org_id = ${orgId} and d.id = ${deliveryId}`.execute(tx)
  const row = rows[0]
  if (!row?.notification.page) return undefined
  return {
    orgId,
    deliveryId,
    pageId: row.page_id,
    person: { id: row.person_id, name: row.person },
    surface: row.platform === 'sms' ? 'sms' : 'email',
    facts: row.notification.page,
    sentAt: row.created_at,
    state: stateOf(row),
    ...(row.key && {
      incident: { key: row.key, title: row.title, status: row.status, priority: row.priority },
    }),
  }
}

function stateOf(row: Row): LinkState {
  if (!row.active) return { type: 'gone' }
  if (row.closed_at && row.closed_as) {
    return { type: 'closed', as: row.closed_as, by: row.closed_by ?? undefined, at: row.closed_at }
  }
  if (row.link_used_at) return { type: 'used', at: row.link_used_at }
  return row.expired ? { type: 'expired' } : { type: 'open' }
}

/** Takes the link in the transaction of what it does; false when it was used before. */
export async function usePageLink(tx: Tx, orgId: string, deliveryId: string): Promise<boolean> {
  const { rows } = await sql`
    update deliveries set link_used_at = tocsin_now()
    where org_id = ${orgId} and id = ${deliveryId} and link_used_at is null
    returning id`.execute(tx)
  return rows.length > 0
}
