export type CircuitBreaker = { open(): boolean; failed(): void; worked(): void }

/** After a failure nobody waits for the model for a while: the next turns are answered at once without it. */
export function circuitBreaker(restMs: number): CircuitBreaker {
  let until = 0
  return {
    open: () => performance.now() < until,
    failed: () => {
      until = performance.now() + restMs
    },
    worked: () => {
      until = 0
    },
  }
}
