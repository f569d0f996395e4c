import { sql } from 'kysely'
import { tellPeople } from '../../core/announce.ts'
import type { Claim } from '../../core/deliveries.ts'
import { channelsOf } from '../../core/incident-channels.ts'
import { onIncident, plain } from '../../core/labels.ts'
import { enqueue, urgency } from '../../core/outbox.ts'
import type { Outcome } from '../../core/outcome.ts'
import { safeReason } from '../../core/safe-reason.ts'
import type { OrgTx } from '../../db/pool.ts'

/**
 * Two routes of one page may fail at the same moment: the second sees what became of the first. To be called before
 * the delivery is settled, in the order in which an acknowledgement locks.
 */
export async function lockPage({ tx, orgId }: OrgTx, pageId: string): Promise<{ open: boolean }> {
  const page = await tx
    .selectFrom('pages')
    .select('closed_at')
    .where('org_id', '=', orgId)
    .where('id', '=', pageId)
    .forNoKeyUpdate()
    .executeTakeFirst()
  return { open: page !== undefined && page.closed_at === null }
}

/** A way to a person failed for good: the next one is tried at once; where none is left, the incident's people hear. */
export async function tryNextRoute(scope: OrgTx, claim: Claim, reason: string): Promise<void> {
  const { pageId, personId, incidentId } = claim
  if (!pageId || !personId) return
  if (await promote(scope, pageId, personId)) return
  if (incidentId && !(await isReached(scope, pageId, personId)))
    await tellUnreached(scope, claim, incidentId, personId, reason)
}

/** From here on it is as if it had been written now. */
async function promote({ tx, orgId }: OrgTx, pageId: string, personId: string): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update deliveries set state = 'queued', due_at = now(), created_at = clock_timestamp()
    where org_id = ${orgId} and state = 'waiting' and id = (
      select id from deliveries
      where org_id = ${orgId} and page_id = ${pageId} and person_id = ${personId} and state = 'waiting'
      order by due_at, sequence limit 1 for update)`.execute(tx)
  return Number(numAffectedRows ?? 0) > 0
}

async function isReached({ tx, orgId }: OrgTx, pageId: string, personId: string): Promise<boolean> {
  const other = await tx
    .selectFrom('deliveries')
    .select('id')
    .where('org_id', '=', orgId)
    .where('page_id', '=', pageId)
    .where('person_id', '=', personId)
    .where('urgency', '=', urgency.page)
    .where('state', 'in', ['sent', 'queued', 'sending'])
    .executeTakeFirst()
  return other !== undefined
}

async function tellUnreached(
  { tx, orgId }: OrgTx,
  { workspaceId }: Claim,
  incidentId: string,
  personId: string,
  reason: string,
): Promise<void> {
  const { rows } = await sql<{
    key: string
    private: boolean
    team_id: string | null
    name: string
    platform: string
    others: string[]
  }>`
    select i.key, i.private, i.team_id, p.name, w.platform,
      array(select distinct r.person_id from (
        select person_id from incident_roles where org_id = i.org_id and incident_id = i.id
        union all select i.assignee_id union all select i.reporter_id) r (person_id)
        where r.person_id is not null and r.person_id <> p.id) as others
    from incidents i
    join people p on p.org_id = i.org_id and p.id = ${personId}
    join workspaces w on w.org_id = i.org_id and w.id = ${workspaceId}
    where i.org_id = ${orgId} and i.id = ${incidentId}`.execute(tx)
  const [found] = rows
  if (!found) return
  const incident = { ...found, id: incidentId }
  const route = routeNames[found.platform] ?? 'chat'
  const outcome: Outcome = {
    parts: [
      {
        kind: 'sentence',
        label: onIncident(incident, plain),
        authors: [personId],
        text: `${found.key}: ${found.name} could not be reached (${route} dead: ${safeReason(reason)}). Page or call somebody else.`,
      },
    ],
  }
  if (incident.private) {
    await tellPeople(tx, orgId, found.others, outcome, { incidentId, urgency: urgency.answer })
    return
  }
  const places = await channelsOf(tx, orgId, incident)
  await enqueue(
    tx,
    orgId,
    places.map((place) => ({
      workspaceId: place.workspaceId,
      route: { type: 'channel', channel: place.channel },
      notification: { type: 'note', outcome },
      urgency: urgency.answer,
      incidentId,
    })),
  )
}

const routeNames: Record<string, string> = { email: 'e-mail', sms: 'sms', webhook: 'webhook' }
