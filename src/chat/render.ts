import { viewersOf } from '../core/incident-accounts.ts'
import { loadIncidentParts } from '../core/incident-view.ts'
import { about, incidentColumns } from '../core/incidents.ts'
import type { Label, Reader } from '../core/labels.ts'
import type { Outcome } from '../core/outcome.ts'
import { channelReader, loadReader } from '../core/reader.ts'
import { loadStanding } from '../core/standing.ts'
import type { OrgTx } from '../db/pool.ts'
import type { Card } from '../messages/card.ts'
import { cardOf } from '../messages/card-of.ts'
import { visible } from '../messages/visible.ts'

/** Who reads what is sent: a channel as far as it is cleared, or one person as far as they may see. */
export type Audience = { workspaceId: string; channel: string; personId?: string }

/** The incident as it stands, as far as this audience may see it; undefined when that is nothing. */
export async function renderIncident(
  scope: OrgTx,
  incidentId: string,
  audience: Audience,
): Promise<{ card: Card; version: number } | undefined> {
  const { tx, orgId } = scope
  const incident = await tx
    .selectFrom('incidents')
    .select(incidentColumns)
    .where('org_id', '=', orgId)
    .where('id', '=', incidentId)
    .executeTakeFirst()
  if (!incident) return undefined
  const parts = await loadIncidentParts(tx, incident)
  const card = await renderOutcome(scope, { incident: about(incident), parts }, audience)
  if (!card) return undefined
  // In a shared place everybody sees the same card; a platform that can shows those who work on it their own.
  const users = audience.personId ? [] : await viewersOf(tx, orgId, incident.id, audience.workspaceId)
  const views = users.length ? { incident: incident.key, users } : undefined
  return { card: views ? { ...card, views } : card, version: incident.version }
}

/** What came of an operation, as far as this audience may see it; undefined when that is nothing. */
export async function renderOutcome(
  scope: OrgTx,
  outcome: Outcome,
  audience: Audience,
): Promise<Card | undefined> {
  const labels = outcome.parts.map((part) => part.label)
  const shown = visible(outcome, await readerOf(scope, audience, labels)).outcome
  if (!shown.parts.length) return undefined
  const card = cardOf(shown)
  // A channel hears of a change below the incident's card, which has the buttons.
  const isCard = shown.parts.some((part) => part.kind === 'incident')
  return isCard || audience.personId ? card : { ...card, buttons: undefined }
}

async function readerOf({ tx, orgId }: OrgTx, audience: Audience, labels: Label[]): Promise<Reader> {
  if (audience.personId) {
    const standing = await loadStanding(tx, orgId, audience.personId)
    return standing ? loadReader(tx, orgId, standing, labels) : () => false
  }
  const channel = await tx
    .selectFrom('channels')
    .innerJoin('workspaces', (join) =>
      join
        .onRef('workspaces.org_id', '=', 'channels.org_id')
        .onRef('workspaces.platform', '=', 'channels.platform'),
    )
    .select(['channels.clearance', 'channels.shared_outside'])
    .where('workspaces.org_id', '=', orgId)
    .where('workspaces.id', '=', audience.workspaceId)
    .where('channels.channel', '=', audience.channel)
    .executeTakeFirst()
  return channelReader(channel && !channel.shared_outside ? channel.clearance : [])
}
