export type Places = {
  /** Resolves to true with a place, to false when the signal aborts before. */
  take(signal: AbortSignal): Promise<boolean>
  /** To be called once for each place that was taken. */
  giveBack(): void
}

/** So many at once; the others wait in their order. */
export function createPlaces(most: number): Places {
  const waiting = new Set<() => void>()
  let free = most
  return {
    async take(signal) {
      if (signal.aborted) return false
      if (free > 0) {
        free -= 1
        return true
      }
      const { promise, resolve } = Promise.withResolvers<boolean>()
      const go = () => resolve(true)
      const stop = () => {
        // Whoever was called a moment ago has the place.
        if (waiting.delete(go)) resolve(false)
      }
      waiting.add(go)
      signal.addEventListener('abort', stop, { once: true })
      return promise.finally(() => signal.removeEventListener('abort', stop))
    },
    giveBack() {
      const [first] = waiting
      if (first) {
        waiting.delete(first)
        first()
      } else free += 1
    },
  }
}
