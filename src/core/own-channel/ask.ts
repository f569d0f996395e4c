import { sql } from 'kysely'
import type { OrgTx, Tx } from '../../db/pool.ts'
import { enqueue, urgency } from '../outbox.ts'
import { channelName } from './name.ts'

/**
 * Asks for a channel of the incident's own, once however often it is asked. It is opened by the outbox: whatever the
 * platform says, everything else goes on. A private incident has none.
 */
export async function askForChannel(
  { tx, orgId }: OrgTx,
  incident: { id: string; key: string; title: string; private: boolean },
): Promise<void> {
  if (incident.private) return
  const workspaceId = await workspaceFor(tx, orgId)
  if (!workspaceId) return
  const name = channelName(incident)
  // The incident's row is locked by whoever asks: nobody asks at the same moment.
  const { numAffectedRows } = await sql`
    insert into incident_channels (org_id, incident_id, workspace_id, name)
    select ${orgId}::uuid, ${incident.id}::uuid, ${workspaceId}::uuid, ${name}
    where not exists (select from incident_channels where org_id = ${orgId} and incident_id = ${incident.id})`.execute(
    tx,
  )
  if (!numAffectedRows) return
  await enqueue(tx, orgId, [
    {
      workspaceId,
      route: { type: 'channel', channel: `#${name}` },
      notification: { type: 'open_channel', name },
      urgency: urgency.post,
      incidentId: incident.id,
    },
  ])
}

/** The oldest one of Slack; where there is none, that of another chat, which says that it opens no channels. */
async function workspaceFor(tx: Tx, orgId: string): Promise<string | undefined> {
  const row = await tx
    .selectFrom('workspaces')
    .select('id')
    .where('org_id', '=', orgId)
    .where('platform', 'in', ['slack', 'teams', 'console'])
    .orderBy((eb) => eb('platform', '=', 'slack'), 'desc')
    .orderBy('created_at')
    .limit(1)
    .executeTakeFirst()
  return row?.id
}
