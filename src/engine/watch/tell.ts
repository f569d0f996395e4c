import type { Db } from '../../db/pool.ts'
import { uuid } from '../../db/uuid.ts'
import type { Logger } from '../../log.ts'
import type { Card } from '../../messages/card.ts'
import type { Carrier, CarrierName } from '../../ports/platform.ts'
import { send } from '../delivery/send.ts'
import type { Audience } from './audience.ts'

export type TellOptions = { db: Db; platforms: Map<CarrierName, Carrier>; log: Logger; sendTimeoutMs: number }

/**
 * Says it past the outbox, which may be what is stuck, everywhere at once.
 * @returns whether it arrived anywhere.
 */
export async function tell(options: TellOptions, audience: Audience, card: Card): Promise<boolean> {
  const { log, sendTimeoutMs } = options
  const sent = await Promise.all(
    audience.places.map(async ({ workspaceId, route }) => {
      const workspace = audience.workspaces.get(workspaceId)
      const platform = workspace && options.platforms.get(workspace.platform)
      if (!workspace || !platform) return false
      const outgoing = {
        id: uuid(),
        route,
        content: { type: 'card', card } as const,
        uncertain: false,
        mentions: {},
      }
      const result = await send(platform, workspace, outgoing, sendTimeoutMs, never)
      const facts = { org: workspace.orgId, platform: platform.name, said: card.summary }
      if (result.ok) log.info(facts, 'the watchdog said what is late')
      else log.warn({ ...facts, reason: result.reason }, 'the watchdog could not say what is late')
      return result.ok
    }),
  )
  return sent.some(Boolean)
}

/** A send is bounded by its own time alone. */
const never = new AbortController().signal
