import type { Tx } from '../db/pool.ts'
import { channelsFor } from './announce.ts'

/** `thread`: the message of the incident's card there. */
export type IncidentPlace = { workspaceId: string; channel: string; thread?: string }

/** Told at once in so many channels at most. */
const most = 10

/**
 * The channels that hear of an incident: where its card stands, else those where a new one of its team would be
 * announced. A private one has none.
 */
export async function channelsOf(
  tx: Tx,
  orgId: string,
  incident: { id: string; private: boolean; team_id: string | null },
): Promise<IncidentPlace[]> {
  if (incident.private) return []
  const posted = await tx
    .selectFrom('posted_messages')
    .select(['workspace_id', 'channel', 'message'])
    .distinctOn(['workspace_id', 'channel'])
    .where('org_id', '=', orgId)
    .where('incident_id', '=', incident.id)
    .where('person_id', 'is', null)
    .orderBy('workspace_id')
    .orderBy('channel')
    .orderBy('created_at', 'desc')
    .limit(most)
    .execute()
  if (!posted.length) return (await channelsFor(tx, orgId, incident.team_id)).slice(0, most)
  return posted.map((row) => ({
    workspaceId: row.workspace_id,
    channel: row.channel,
    thread: row.message,
  }))
}
