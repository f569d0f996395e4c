import { sql } from 'kysely'
import type { OrgTx } from '../../db/pool.ts'
import { announceChange } from '../announce.ts'
import { writeAudits } from '../audit.ts'
import { timer } from '../escalation/escalation.ts'
import { onIncident, plain } from '../labels.ts'
import { enqueue, urgency } from '../outbox.ts'
import { safeReason } from '../safe-reason.ts'

type Place = { incidentId: string; workspaceId: string }

/** It is there: the card is posted in it and follows the incident from then on, and every card names it. */
export async function channelOpened(
  scope: OrgTx,
  { incidentId, workspaceId }: Place,
  { channel, name }: { channel: string; name: string },
): Promise<void> {
  const { tx, orgId } = scope
  if (!(await record(scope, incidentId, { channel, name, state: 'open' }, { opened: `#${name}` }))) return
  await enqueue(tx, orgId, [
    {
      workspaceId,
      route: { type: 'channel', channel },
      notification: { type: 'incident_card' },
      urgency: urgency.post,
      incidentId,
    },
  ])
}

/** The card says so, and why: the platform's reason and what it asks for. */
export async function channelMissing(scope: OrgTx, incidentId: string, reason: string): Promise<void> {
  const missing = safeReason(reason)
  await record(scope, incidentId, { state: 'missing', reason: missing }, { missing })
}

/** The incident's row is locked first, as every change of it does. */
async function record(
  { tx, orgId, now }: OrgTx,
  incidentId: string,
  columns: { state: 'open'; channel: string; name: string } | { state: 'missing'; reason: string },
  told: Record<string, unknown>,
): Promise<boolean> {
  const { rows } = await sql<{ id: string; version: number; private: boolean; team_id: string | null }>`
    update incidents set version = version + 1 where org_id = ${orgId} and id = ${incidentId}
    returning id, version, private, team_id`.execute(tx)
  const [incident] = rows
  const { numUpdatedRows } = await tx
    .updateTable('incident_channels')
    .set(columns)
    .where('org_id', '=', orgId)
    .where('incident_id', '=', incidentId)
    .where('state', '=', 'opening')
    .executeTakeFirst()
  if (!incident || !numUpdatedRows) return false
  const entry = {
    operation: 'open_channel',
    incidentId,
    version: incident.version,
    new: told,
    label: onIncident(incident, plain),
  }
  await writeAudits(tx, timer(orgId), [entry], now)
  await announceChange(tx, orgId, incident)
  return true
}
