import { sql } from 'kysely'
import { type Claim, settle } from '../../core/deliveries.ts'
import { enqueue } from '../../core/outbox.ts'
import { channelOpened } from '../../core/own-channel/settle.ts'
import type { OrgTx } from '../../db/pool.ts'
import { uuid } from '../../db/uuid.ts'
import type { Receipt } from '../../ports/platform.ts'
import type { Shown } from './prepare.ts'

/** Another process has the lane: nothing of this may be written. */
export class LaneLost extends Error {}

/**
 * Records where a sent card stands and what it shows, and lets an update follow when the incident has moved on
 * meanwhile. The incident's row is locked first, as every change of it does: either the change sees this message, or
 * this sees the change.
 */
export async function settleShown(
  scope: OrgTx,
  claim: Claim,
  shown: Shown,
  receipt: Receipt,
  paceMs: number,
): Promise<'sent'> {
  const { tx, orgId } = scope
  const current = await sql<{ version: number }>`
    select version from incidents where org_id = ${orgId} and id = ${shown.incidentId} for share`.execute(tx)
  const posted = claim.postedMessageId
    ? await showsNow(scope, claim.postedMessageId, shown.version)
    : await standsAt(scope, claim, shown, receipt)
  const version = current.rows[0]?.version ?? 0
  if (posted && posted.shown_version < version) {
    await enqueue(tx, orgId, [
      {
        workspaceId: claim.workspaceId,
        route: { type: 'channel', channel: posted.channel },
        notification: { type: 'card_update' },
        urgency: 3,
        incidentId: shown.incidentId,
        postedMessageId: posted.id,
      },
    ])
  }
  if (!(await settle(tx, claim, { state: 'sent', receipt }, paceMs))) throw new LaneLost()
  return 'sent'
}

/** A channel of the incident's own is there: what follows is written together with that it is. */
export async function settleOpened(
  scope: OrgTx,
  claim: Claim,
  receipt: Receipt,
  paceMs: number,
): Promise<'sent'> {
  const { incidentId, workspaceId } = claim
  if (incidentId) {
    const { channel, name } = receipt
    await channelOpened(scope, { incidentId, workspaceId }, { channel, name: name ?? channel })
  }
  if (!(await settle(scope.tx, claim, { state: 'sent', receipt }, paceMs))) throw new LaneLost()
  return 'sent'
}

const columns = ['id', 'channel', 'shown_version'] as const

const showsNow = (scope: OrgTx, postedId: string, version: number) =>
  scope.tx
    .updateTable('posted_messages')
    .set((eb) => ({ shown_version: eb.fn<number>('greatest', ['shown_version', eb.val(version)]) }))
    .where('org_id', '=', scope.orgId)
    .where('id', '=', postedId)
    .returning(columns)
    .executeTakeFirst()

const standsAt = (scope: OrgTx, claim: Claim, shown: Shown, receipt: Receipt) =>
  scope.tx
    .insertInto('posted_messages')
    .values({
      org_id: scope.orgId,
      id: uuid(),
      incident_id: shown.incidentId,
      workspace_id: claim.workspaceId,
      channel: receipt.channel,
      message: receipt.message,
      person_id: shown.personId ?? null,
      // What an earlier try left standing was found, not written anew, and may show less.
      shown_version: claim.uncertain ? 0 : shown.version,
    })
    .onConflict((oc) =>
      oc
        .columns(['org_id', 'workspace_id', 'channel', 'message'])
        .doUpdateSet((eb) => ({ shown_version: eb.ref('excluded.shown_version') })),
    )
    .returning(columns)
    .executeTakeFirst()
