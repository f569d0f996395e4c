import { type Claim, settle } from '../../core/deliveries.ts'
import type { Db } from '../../db/pool.ts'
import type { Logger } from '../../log.ts'
import type { Carrier, CarrierName, CarrierRef, DeliveryResult } from '../../ports/platform.ts'
import { ownFaultAttempts } from './backoff.ts'
import { factsOf, finish, stored } from './finish.ts'
import { type Prepared, prepare, type Render } from './prepare.ts'
import { send } from './send.ts'

export type Context = {
  db: Db
  platforms: Map<CarrierName, Carrier>
  render: Render
  workspaceOf: (orgId: string, id: string) => Promise<CarrierRef | undefined>
  log: Logger
  sendTimeoutMs: number
  stopping: AbortSignal
}

export type Delivered = {
  platform: CarrierName | 'unknown'
  /** `lost`: another process has taken it over. */
  outcome: 'sent' | 'retry' | 'dead' | 'withdrawn' | 'lost'
  /** When its lane may have something due again. */
  againInMs?: number
}

/** Prepares, sends and settles one claimed delivery. No transaction is open while it is sent. */
export async function deliverOne(context: Context, claim: Claim): Promise<Delivered> {
  let platform: Carrier | undefined
  let prepared: Prepared | undefined
  let result: DeliveryResult
  try {
    const workspace = await context.workspaceOf(claim.orgId, claim.workspaceId)
    platform = workspace && context.platforms.get(workspace.platform)
    if (!workspace) result = { ok: false, retry: false, reason: 'its workspace is not known' }
    else if (!platform) result = { ok: false, retry: true, reason: `${workspace.platform} is not connected` }
    else {
      prepared = await prepare(context.db, context.render, claim, workspace.platform)
      if ('withdrawn' in prepared) {
        const verdict = { state: 'withdrawn', reason: prepared.withdrawn } as const
        const state = await stored(() => settle(context.db.engine, claim, verdict))
        return { platform: platform.name, outcome: state ? 'withdrawn' : 'lost' }
      }
      result = await send(platform, workspace, prepared.send, context.sendTimeoutMs, context.stopping)
    }
  } catch (error) {
    context.log.error({ err: error, ...factsOf(claim) }, 'a delivery could not be prepared')
    const reason = error instanceof Error ? error.message : String(error)
    result = { ok: false, retry: claim.attempts < ownFaultAttempts, reason }
  }
  const paceMs = platform && isPaced(claim) ? platform.paceMs : 0
  return {
    platform: platform?.name ?? 'unknown',
    ...(await finish(context, claim, prepared, result, paceMs)),
  }
}

/** Only what stands in a channel or a conversation counts against the platform's pace. */
const isPaced = ({ notification }: Claim) =>
  notification.type !== 'form' &&
  (notification.route.type === 'channel' || notification.route.type === 'person')
