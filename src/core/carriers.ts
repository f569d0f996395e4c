import { sql } from 'kysely'
import type { Tx } from '../db/pool.ts'
import { uuid } from '../db/uuid.ts'

/** What has no workspaces of its own: each organisation has one row of it, named by the organisation's id. */
export const carrierNames = ['email', 'sms', 'webhook'] as const
export type OwnCarrier = (typeof carrierNames)[number]

const titles: Record<OwnCarrier, string> = { email: 'E-mail', sms: 'SMS', webhook: 'Webhooks' }

/** Makes the organisation's rows those of the configured carriers. What waits for one that is gone finds no way. */
export async function setCarriers(tx: Tx, orgId: string, names: readonly OwnCarrier[]): Promise<void> {
  const gone = carrierNames.filter((name) => !names.includes(name))
  if (gone.length) {
    await tx
      .deleteFrom('workspaces')
      .where('org_id', '=', orgId)
      .where('external_id', '=', orgId)
      .where('platform', 'in', gone)
      .execute()
  }
  if (!names.length) return
  await tx
    .insertInto('workspaces')
    .values(
      names.map((platform) => ({
        org_id: orgId,
        id: uuid(),
        platform,
        external_id: orgId,
        name: titles[platform],
        credentials: null,
      })),
    )
    .onConflict((oc) => oc.columns(['platform', 'external_id']).doNothing())
    .execute()
}

/** The workspace that deliveries by this carrier go to; undefined where it is not configured. */
export async function carrierWorkspace(tx: Tx, orgId: string, name: OwnCarrier): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    select id from workspaces where platform = ${name} and external_id = ${orgId} and org_id = ${orgId}`.execute(
    tx,
  )
  return rows[0]?.id
}
