import type { Tx } from '../../db/pool.ts'
import type { Sealing } from '../../encryption.ts'

/** The purpose of the key under which the secrets of webhooks are sealed. */
export const webhookSecrets = 'webhook secrets'

/** Where a webhook is, and what its messages are signed with; undefined when it has been removed. */
export async function webhookAddress(
  tx: Tx,
  orgId: string,
  id: string,
  sealing: Sealing,
): Promise<{ url: string; secret: string } | undefined> {
  const row = await tx
    .selectFrom('webhooks')
    .select(['url', 'secret'])
    .where('org_id', '=', orgId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && { url: row.url, secret: sealing.open(row.secret) }
}
