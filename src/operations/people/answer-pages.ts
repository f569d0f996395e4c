import { sql } from 'kysely'
import { tellPeople } from '../../core/announce.ts'
import { onIncident, plain } from '../../core/labels.ts'
import { isOpen } from '../../core/lifecycle.ts'
import type { Outcome } from '../../core/outcome.ts'
import { closePages } from '../../core/pages/close.ts'
import type { Scope } from '../define.ts'

export type SentPage = { id: string; senderId: string | null; body: string | null }

/** Ends a page that its reader has seen; whoever sent it hears of that, even in their quiet hours: they wait for it. */
export async function answerPage(
  scope: Pick<Scope, 'tx' | 'orgId' | 'now' | 'actor' | 'standing'>,
  { id, senderId, body }: SentPage,
): Promise<void> {
  const { tx, orgId, now, actor, standing } = scope
  await closePages(tx, orgId, { pageId: id }, { as: 'acknowledged', by: actor.personId, at: now })
  if (!senderId || senderId === actor.personId) return
  const text = `${standing.name} has seen your page${body ? `: ${begun(body)}` : ''}`
  await tellPeople(
    tx,
    orgId,
    [senderId],
    { parts: [{ kind: 'sentence', label: plain, authors: [actor.personId], text }] },
    { always: true },
  )
}

/**
 * Acknowledging an incident ends all of its pages; one that somebody was sent by hand when it had been acknowledged
 * already, or was over, is ended by its reader alone.
 * @returns what to tell them; undefined when no such page of theirs is open.
 */
export async function answerLatePages(scope: Scope<'incident'>): Promise<Outcome | undefined> {
  const { tx, orgId, actor, incident } = scope
  if (isOpen(incident.status) && !incident.acknowledged_at) return undefined
  const { rows } = await sql<SentPage>`
    select g.id, g.sender_id as "senderId", g.body from pages g
    where g.org_id = ${orgId} and g.incident_id = ${incident.id} and g.closed_at is null
      and exists (select from deliveries d where d.org_id = g.org_id and d.page_id = g.id
        and d.person_id = ${actor.personId})`.execute(tx)
  for (const row of rows) await answerPage(scope, row)
  if (!rows.length) return undefined
  const label = onIncident(incident, plain)
  await scope.audit({ operation: 'acknowledge_page', incidentId: incident.id, label })
  const text = `You have seen the page about ${incident.key}, which is ${incident.status}.`
  return { parts: [{ kind: 'sentence', label, text }] }
}

/** As much of the sender's own words as tells one page from another. */
const begun = (text: string): string => {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length > 80 ? `${line.slice(0, 79).toWellFormed()}…` : line
}
