/** What became of an incident's messages: who was paged by which route, and which channels do not take theirs. */
import { sql } from 'kysely'
import type { Tx } from '../db/pool.ts'
import { onIncident, plain } from './labels.ts'
import type { Part, SendStatus } from './outcome.ts'
import { safeReason } from './safe-reason.ts'

/** The newest that matter; an incident's card updates that went well are not among them. */
const most = 50
/** So far back a timeline names what died. */
const mostDead = 20

type Row = {
  pageId: string | null
  person: string | null
  personId: string | null
  /** The configuration file named them; otherwise the name is their own choice. */
  given: boolean
  isPage: boolean
  platform: string
  destination: string
  webhook: string | null
  state: 'waiting' | 'queued' | 'sending' | 'sent' | 'dead' | 'withdrawn'
  attempts: number
  throttled: boolean
  error: string | null
  at: Date
  ageSeconds: number
}

type About = { org_id: string; id: string; private: boolean }

/**
 * Read backwards along `deliveries_incident`; conditions on the row's own short columns keep a card's thousands of
 * updates from being joined. A channel's throttled updates wait one a card.
 */
export const statusQuery = (incident: About) => sql<Row>`
  select d.page_id as "pageId", p.name as person, d.person_id as "personId",
    coalesce('name' = any(p.file_fields), false) as given, d.page_id is not null and d.urgency = 0 as "isPage",
    w.platform, l.destination, h.name as webhook, d.state, d.attempts,
    coalesce(l.throttled_until > now(), false) as throttled, d.error,
    case when d.settled_at is not null then d.settled_at + (tocsin_now() - now())
      when d.state = 'waiting' then d.due_at else d.created_at + (tocsin_now() - now()) end as at,
    extract(epoch from now() - d.created_at)::float8 as "ageSeconds"
  from (select * from deliveries
    where org_id = ${incident.org_id} and incident_id = ${incident.id}
      and (state in ('queued', 'sending', 'dead') or page_id is not null and urgency = 0)
    order by sequence desc limit ${most}) d
  join lanes l on l.org_id = d.org_id and l.id = d.lane_id
  join workspaces w on w.org_id = l.org_id and w.id = l.workspace_id
  left join people p on p.org_id = d.org_id and p.id = d.person_id
  left join webhooks h on w.platform = 'webhook' and h.org_id = d.org_id
    and 'channel:' || h.id = l.destination
  order by d.sequence desc`

const loadRows = async (tx: Tx, incident: About) => (await statusQuery(incident).execute(tx)).rows

/** For `show`: nothing where nobody was paged and every channel takes what it is sent. */
export async function loadDeliveryParts(tx: Tx, incident: About): Promise<Part[]> {
  const rows = await loadRows(tx, incident)
  return [...pagedPart(incident, rows), ...channelsPart(incident, rows)]
}

/** For the timeline: each death where it happened, and what is throttled now. */
export async function loadDeliveryStory(
  tx: Tx,
  incident: About,
): Promise<{ entries: (Part & { kind: 'entry' })[]; now: Part[] }> {
  const rows = await loadRows(tx, incident)
  const dead = rows.filter((row) => row.state === 'dead' && (row.isPage || inChannel(row)))
  const entries = dead.slice(0, mostDead).map((row): Part & { kind: 'entry' } => {
    const to = row.person ? `page to ${row.person} by ${routeOf(row)}` : placeOf(row)
    return {
      kind: 'entry',
      label: onIncident(incident, plain),
      authors: authorsOf([row]),
      entry: {
        at: row.at.toISOString(),
        by: 'Tocsin',
        operation: 'deliver',
        new: { to, state: 'dead', reason: safeReason(row.error) },
      },
    }
  })
  return {
    entries,
    now: channelsPart(
      incident,
      rows.filter((row) => row.state !== 'dead'),
    ),
  }
}

const inChannel = ({ destination }: Row): boolean => destination.startsWith('channel:')

/** The newest page of each person, its routes in the order in which they were to be tried. */
function pagedPart(incident: About, rows: Row[]): Part[] {
  const pages = rows.filter((row) => row.isPage && row.personId)
  const newest = new Map<string, string | null>()
  for (const { personId, pageId } of pages) if (!newest.has(personId!)) newest.set(personId!, pageId)
  const shown = pages.filter((row) => newest.get(row.personId!) === row.pageId).toReversed()
  if (!shown.length) return []
  const byPerson = Map.groupBy(shown, (row) => row.personId!)
  return [
    {
      kind: 'deliveries',
      label: onIncident(incident, plain),
      authors: authorsOf(shown),
      title: 'Paged',
      rows: [...byPerson.values()].map((own) => ({
        to: own[0]!.person ?? 'Somebody',
        sends: own.map(statusOf),
      })),
    },
  ]
}

/** A channel's last death, and what waits there for longer than sending takes. */
function channelsPart(incident: About, rows: Row[]): Part[] {
  const byPlace = Map.groupBy(rows.filter(inChannel), placeOf)
  const shown = [...byPlace].flatMap(([to, own]) => {
    const dead = own.find(({ state }) => state === 'dead')
    const waiting = own.filter((row) => waits(row))
    const sends = [...(dead ? [statusOf(dead)] : []), ...(waiting.length ? [together(waiting)] : [])]
    return sends.length ? [{ to, sends }] : []
  })
  return shown.length
    ? [{ kind: 'deliveries', label: onIncident(incident, plain), title: 'Channels', rows: shown }]
    : []
}

const waits = ({ state, throttled, attempts, error }: Row): boolean =>
  (state === 'queued' || state === 'sending') && (throttled || (attempts > 0 && error !== null))

const together = (waiting: Row[]): SendStatus => ({
  ...statusOf(waiting[0]!),
  waiting: waiting.length,
  oldestSeconds: Math.max(...waiting.map(({ ageSeconds }) => ageSeconds)),
})

function statusOf(row: Row): SendStatus {
  const status = { route: routeOf(row), at: row.at.toISOString() }
  if (row.state === 'dead') return { ...status, state: 'dead', reason: safeReason(row.error) }
  if (row.state !== 'queued' && row.state !== 'sending') return { ...status, state: row.state }
  if (row.throttled) return { ...status, state: 'throttled' }
  if (row.attempts > 0 && row.error) return { ...status, state: 'failed', reason: safeReason(row.error) }
  return { ...status, state: 'queued' }
}

const names: Record<string, string> = {
  slack: 'Slack',
  teams: 'Teams',
  console: 'Console',
  webhook: 'Webhook',
}

const placeOf = ({ platform, destination, webhook }: Row): string =>
  `${names[platform] ?? platform} ${webhook ?? destination.replace(/^channel:/, '')}`

const routeOf = ({ platform, destination }: Pick<Row, 'platform' | 'destination'>): string => {
  if (platform === 'email') return 'e-mail'
  if (platform === 'sms' || platform === 'webhook') return platform
  return destination.startsWith('channel:') ? 'channel' : 'chat'
}

const authorsOf = (rows: Row[]): string[] =>
  rows.filter(({ given, personId }) => personId && !given).map(({ personId }) => personId!)
