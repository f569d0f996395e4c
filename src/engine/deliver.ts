import { setTimeout as delay } from 'node:timers/promises'
import { type Claim, claimLanes, renewLanes, settle } from '../core/deliveries.ts'
import type { Db } from '../db/pool.ts'
import type { Logger } from '../log.ts'
import type { Carrier, CarrierName } from '../ports/platform.ts'
import { type Delivered, deliverOne } from './delivery/deliver-one.ts'
import type { Render } from './delivery/prepare.ts'
import { workspaceCache } from './delivery/workspaces.ts'
import type { Job } from './job.ts'
import { createLeaseKeeper } from './lease-keeper.ts'

export type DeliverOptions = {
  db: Db
  platforms: Map<CarrierName, Carrier>
  render: Render
  wake: () => void
  log: Logger
  onDelivery?: (delivered: Delivered) => void
  leaseSeconds: number
  sendTimeoutMs: number
  drainMs: number
  concurrency: number
}

/** A send that lasts longer leaves its place to another lane, so that silent destinations hold nobody up. */
const slowAfterMs = 1_000
/** So many at once in all: each slow one is a socket and a timer. */
const mostInFlight = 512
/** A lane that is due sooner than the next tick is looked at on time. */
const tickMs = 1_000
const bucketMs = 25

/** Sends what waits in the outbox, one delivery a lane at a time, many lanes at once. */
export function deliverJob(options: DeliverOptions): Job {
  const { db, wake, log, leaseSeconds } = options
  const keeper = createLeaseKeeper<Claim>((claims) => renewLanes(db, claims, leaseSeconds), leaseSeconds, log)
  const inFlight = new Map<string, { claim: Claim; done: Promise<void> }>()
  const stopping = new AbortController()
  const timers = new Set<number>()
  const context = { ...options, workspaceOf: workspaceCache(db), stopping: stopping.signal }
  let quick = 0

  const free = () => Math.min(options.concurrency - quick, mostInFlight - inFlight.size)

  const wakeIn = (ms: number) => {
    const at = Math.ceil((Date.now() + ms) / bucketMs) * bucketMs
    if (ms > tickMs || timers.has(at)) return
    timers.add(at)
    setTimeout(
      () => {
        timers.delete(at)
        wake()
      },
      at - Date.now() + 1,
    ).unref()
  }

  const begin = (claim: Claim) => {
    const mine = inFlight.get(claim.id)
    if (mine) {
      // Ours already, and its lease ran out while this process stood still: go on under the new one.
      mine.claim.leaseId = claim.leaseId
      return
    }
    keeper.hold(claim)
    quick += 1
    let counted = true
    const uncount = () => {
      if (counted) quick -= 1
      counted = false
    }
    const slow = setTimeout(() => {
      uncount()
      wake()
    }, slowAfterMs)
    const done = deliverOne(context, claim)
      .then((delivered) => {
        options.onDelivery?.(delivered)
        if (delivered.againInMs !== undefined) wakeIn(delivered.againInMs)
      })
      .catch((error) =>
        log.error({ err: error, delivery: claim.id }, 'what became of a delivery was not stored'),
      )
      .finally(() => {
        clearTimeout(slow)
        uncount()
        keeper.drop(claim)
        inFlight.delete(claim.id)
        wake()
      })
    inFlight.set(claim.id, { claim, done })
  }

  return {
    name: 'deliver',
    schedule: '* * * * * *',
    timeoutMs: 5_000,
    async run(signal) {
      for (;;) {
        const most = free()
        if (most <= 0) return
        const claims = await claimLanes(db, most, leaseSeconds)
        if (signal.aborted) return handBack(db, claims)
        for (const claim of claims) begin(claim)
        if (claims.length < most) return
      }
    },
    async drain() {
      const all = () => Promise.all([...inFlight.values()].map(({ done }) => done))
      await Promise.race([all(), delay(options.drainMs, undefined, { ref: false })])
      if (inFlight.size) log.warn({ deliveries: inFlight.size }, 'sends are cut off and handed back')
      stopping.abort()
      await Promise.race([all(), delay(3_000, undefined, { ref: false })])
      keeper.stop()
    },
    inWork: () => inFlight.size,
  }
}

/** Claimed for a look that nobody waits for any more: as if it had not been. */
async function handBack(db: Db, claims: Claim[]): Promise<void> {
  const verdict = { state: 'queued', reason: 'handed back', delayMs: 0 } as const
  await Promise.all(claims.map((claim) => settle(db.engine, claim, verdict)))
}
