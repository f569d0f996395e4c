import { inOrg } from '../db/pool.ts'
import { isTocsinError } from '../errors.ts'
import { visible } from '../messages/visible.ts'
import { perform } from '../operations/perform.ts'
import type { WorkspaceRef } from '../ports/platform.ts'
import type { Sender } from './chat.ts'
import type { ChatContext } from './context.ts'
import type { FoundIncident } from './inbound.ts'
import { renderIncident } from './render.ts'
import { findSender } from './sender.ts'

/** What a search box shows. */
const most = 10

/**
 * Incidents that the asker may see, the open ones where no words are given. Their cards are for whoever reads where
 * they will stand: what that channel may not see is not in them, and a private incident is not among them.
 */
export async function findIncidents(
  context: ChatContext,
  workspace: WorkspaceRef,
  asker: Sender,
  words: string,
): Promise<FoundIncident[]> {
  const { actor } = await findSender(context, workspace, asker)
  const text = words.trim().slice(0, 200)
  const name = text ? 'search_incidents' : 'list_incidents'
  const operation = context.registry.find((each) => each.name === name)
  if (!actor || !operation) return []
  let keys: string[] = []
  try {
    await perform(context.db, actor, operation, text ? { text } : {}, {
      settle: async (scope, result) => {
        if (isTocsinError(result)) return
        const { parts } = visible(result, scope.reader).outcome
        keys = parts
          .flatMap((part) => (part.kind === 'incidents' ? part.incidents : []))
          .map(({ key }) => key)
      },
    })
  } catch (error) {
    // Whoever may see nothing finds nothing: a search box has no place for more.
    if (isTocsinError(error)) return []
    throw error
  }
  return inOrg(context.db, actor.orgId, async (org) => {
    const shown = keys.slice(0, most)
    if (!shown.length) return []
    const rows = await org.tx
      .selectFrom('incidents')
      .select(['id', 'key', 'title', 'status', 'priority'])
      .where('org_id', '=', org.orgId)
      .where('key', 'in', shown)
      .execute()
    const found: FoundIncident[] = []
    for (const key of shown) {
      const row = rows.find((each) => each.key === key)
      const there = { workspaceId: workspace.id, channel: asker.place.channel }
      const card = row && (await renderIncident(org, row.id, there))?.card
      if (row && card) {
        const { title, status, priority } = row
        found.push({ key, title, status, priority, card })
      }
    }
    return found
  })
}
