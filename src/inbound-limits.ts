import { RateLimiterMemory } from 'rate-limiter-flexible'

/** How much is taken in within ten seconds. Never below 100 for a workspace and 30 for a person (contract.md). */
export type InboundLimits = { workspace: number; person: number }

export const defaultLimits: InboundLimits = { workspace: 500, person: 60 }
const seconds = 10

/** @returns whether this request is still within both limits; per process, in memory. */
export const createLimits = (limits: InboundLimits) => {
  const byWorkspace = new RateLimiterMemory({ points: limits.workspace, duration: seconds })
  const byPerson = new RateLimiterMemory({ points: limits.person, duration: seconds })
  return async (installation: string, person: string): Promise<boolean> => {
    try {
      await byPerson.consume(`${installation} ${person}`)
      await byWorkspace.consume(installation)
      return true
    } catch {
      return false
    }
  }
}
