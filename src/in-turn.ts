import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from './log.ts'

/** `ms`: how long it may take before the next one begins without it. */
export type Phase = { what: string; ms: number; end: () => Promise<unknown> }

/** Ends one thing after the other. No failure keeps the next from its own end; the first is thrown afterwards. */
export async function inTurn(log: Logger, phases: Phase[]): Promise<void> {
  const failures: unknown[] = []
  for (const { what, ms, end } of phases) {
    const late = delay(ms, undefined, { ref: false }).then(() => {
      throw new Error(`not within ${ms} ms`)
    })
    try {
      await Promise.race([end(), late])
    } catch (error) {
      log.warn({ err: error }, `${what} did not end well`)
      failures.push(error)
    }
  }
  if (failures.length) throw failures[0]
}
