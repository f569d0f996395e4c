import type { Logger } from '../log.ts'

export type LeaseKeeper<T> = {
  hold(item: T): void
  drop(item: T): void
  held(): T[]
  /** Ends the renewing; what is still held runs out by itself. */
  stop(): void
}

/**
 * Renews the leases of whatever is being worked, all in one statement, three times in a lease's life: one renewal may
 * fail without a loss.
 */
export function createLeaseKeeper<T>(
  renew: (items: T[]) => Promise<void>,
  leaseSeconds: number,
  log: Logger,
): LeaseKeeper<T> {
  const held = new Set<T>()
  let renewing = false
  const timer = setInterval(
    async () => {
      if (renewing || !held.size) return
      renewing = true
      try {
        await renew([...held])
      } catch (error) {
        log.warn({ err: error, leases: held.size }, 'leases were not renewed')
      } finally {
        renewing = false
      }
    },
    (leaseSeconds * 1000) / 3,
  )
  timer.unref()
  return {
    hold: (item) => void held.add(item),
    drop: (item) => void held.delete(item),
    held: () => [...held],
    stop: () => clearInterval(timer),
  }
}
