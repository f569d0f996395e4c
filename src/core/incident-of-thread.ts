import { sql } from 'kysely'
import type { Tx } from '../db/pool.ts'
import type { ActorPlace } from './actor.ts'

/** The key of the incident that a thread's root message shows. */
export async function incidentOfThread(
  tx: Tx,
  orgId: string,
  place: Pick<ActorPlace, 'workspace' | 'channel' | 'thread'> | undefined,
): Promise<string | undefined> {
  if (!place?.thread) return undefined
  const { rows } = await sql<{ key: string }>`
    select i.key from posted_messages m join incidents i on i.org_id = m.org_id and i.id = m.incident_id
    where m.org_id = ${orgId} and m.workspace_id = ${place.workspace.id}
      and m.channel = ${place.channel} and m.message = ${place.thread}`.execute(tx)
  return rows[0]?.key
}
