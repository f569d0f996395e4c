import { setTimeout as delay } from 'node:timers/promises'
import { type Claim, settle, type Verdict } from '../../core/deliveries.ts'
import { destinationOf } from '../../core/outbox.ts'
import { inOrg, type OrgTx } from '../../db/pool.ts'
import type { DeliveryResult } from '../../ports/platform.ts'
import { type Failure, settleFailed } from './after-failed.ts'
import { LaneLost, settleOpened, settleShown } from './after-sent.ts'
import { backoffMs, retriesEndAfterSeconds } from './backoff.ts'
import type { Context, Delivered } from './deliver-one.ts'
import type { Prepared } from './prepare.ts'

type Finished = Omit<Delivered, 'platform'>
type Retry = Extract<Verdict, { state: 'queued' }>

/** Settles what came of a try, together with what follows from it. */
export async function finish(
  context: Context,
  claim: Claim,
  prepared: Prepared | undefined,
  result: DeliveryResult,
  paceMs: number,
): Promise<Finished> {
  if (result.ok) return sent(context, claim, prepared, result, paceMs)
  if (!result.retry) return failed(context, claim, prepared, result, paceMs)
  const retry = retryOf(claim, result, context.stopping.aborted)
  if (retry) return tryAgain(context, claim, retry, paceMs)
  const reason = `${result.reason} (given up)`
  return failed(context, claim, prepared, { ok: false, retry: false, reason }, paceMs)
}

async function sent(
  context: Context,
  claim: Claim,
  prepared: Prepared | undefined,
  { receipt }: Extract<DeliveryResult, { ok: true }>,
  paceMs: number,
): Promise<Finished> {
  const alone = () => settle(context.db.engine, claim, { state: 'sent', receipt }, paceMs)
  const shown = prepared && 'send' in prepared ? prepared.shown : undefined
  const opens = claim.notification.type === 'open_channel'
  const state =
    receipt && (shown || opens)
      ? await together(
          context,
          claim,
          (scope) =>
            shown
              ? settleShown(scope, claim, shown, receipt, paceMs)
              : settleOpened(scope, claim, receipt, paceMs),
          alone,
        )
      : await stored(alone)
  return { outcome: state ?? 'lost', againInMs: paceMs } as Finished
}

async function tryAgain(context: Context, claim: Claim, retry: Retry, paceMs: number): Promise<Finished> {
  const { delayMs, throttled } = retry
  const state = await stored(() => settle(context.db.engine, claim, retry, paceMs))
  if (throttled) context.log.warn({ ...factsOf(claim), afterMs: delayMs }, 'a destination throttles us')
  const outcome = state === 'queued' ? 'retry' : (state ?? 'lost')
  return { outcome, againInMs: Math.max(delayMs, paceMs) }
}

async function failed(
  context: Context,
  claim: Claim,
  prepared: Prepared | undefined,
  failure: Failure,
  paceMs: number,
): Promise<Finished> {
  const state = await together(
    context,
    claim,
    (scope) => settleFailed(scope, claim, prepared, failure, paceMs),
    () => settle(context.db.engine, claim, { state: 'dead', reason: failure.reason }, paceMs),
  )
  if (state === 'dead') context.log.warn({ ...factsOf(claim), reason: failure.reason }, 'a delivery is dead')
  return { outcome: state === 'queued' ? 'retry' : (state ?? 'lost'), againInMs: paceMs }
}

/** When to try again; undefined when it has been tried for long enough. */
function retryOf(
  claim: Claim,
  result: Extract<DeliveryResult, { retry: true }>,
  stopping: boolean,
): Retry | undefined {
  const { reason, afterMs, uncertain } = result
  // Handed back: another replica may go on at once.
  if (stopping) return { state: 'queued', reason, delayMs: 0, uncertain }
  const throttled = result.throttled || afterMs !== undefined
  const delayMs = afterMs ?? backoffMs(claim.attempts)
  if (claim.ageSeconds + delayMs / 1000 > retriesEndAfterSeconds(claim.notification.type)) return undefined
  return { state: 'queued', reason, delayMs, uncertain, throttled }
}

type State = Awaited<ReturnType<typeof settle>>

/** When what follows cannot be written, whatever is wrong with it, the delivery is settled by itself, not repeated. */
async function together(
  { db, log }: Context,
  claim: Claim,
  write: (scope: OrgTx) => Promise<State>,
  alone: () => Promise<State>,
): Promise<State> {
  try {
    return await stored(() => inOrg(db, claim.orgId, write))
  } catch (error) {
    if (error instanceof LaneLost) return undefined
    log.error({ err: error, ...factsOf(claim) }, 'what follows from a delivery could not be stored')
    return stored(alone)
  }
}

/**
 * What has been sent should not be forgotten because the database was away for a moment: without its receipt, the
 * lane's lease runs out and the delivery is uncertain. Also repeats a retry that met a newer update of its message.
 */
export async function stored<T>(write: () => Promise<T>): Promise<T> {
  for (const wait of [50, 500, 2_000]) {
    try {
      return await write()
    } catch (error) {
      if (error instanceof LaneLost) throw error
      await delay(wait, undefined, { ref: false })
    }
  }
  return write()
}

export const factsOf = (claim: Claim) => ({
  delivery: claim.id,
  org: claim.orgId,
  type: claim.notification.type,
  // A response's address is a secret; a destination is not.
  destination: destinationOf(claim.notification.route),
  attempts: claim.attempts,
})
