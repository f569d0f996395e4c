/** Everything of Teams that goes out, against the stand-in and a real database. */
import { createTeamsPlatform } from '../../src/adapters/teams/platform.ts'
import type { TeamsConfig } from '../../src/config.ts'
import { conversationReferences } from '../../src/core/conversation-references.ts'
import { uuid } from '../../src/db/uuid.ts'
import { createLogger } from '../../src/log.ts'
import type { Card } from '../../src/messages/card.ts'
import type { Outgoing, Route, WorkspaceRef } from '../../src/ports/platform.ts'
import { createWorld } from '../people/support.ts'
import { startTeamsStandIn } from '../support/teams-stand-in.ts'

export const channel = '19:payments@thread.tacv2'
export const groupChat = '19:war-room@thread.v2'
export const inChannel = (thread?: string): Route => ({ type: 'channel', channel, thread })

export const card = (text: string): Card => ({ summary: text, blocks: [{ type: 'text', text }] })

export const startOutgoing = async () => {
  const teams = await startTeamsStandIn()
  teams.addUser({ id: 'aad-ida', name: 'Ida Torres', email: 'ida@example.com' })
  teams.addUser({ id: 'aad-ivo', name: 'Ivo Lang', email: 'ivo@example.com' })
  teams.addUser({ id: 'aad-new', name: 'Nora New', reachable: false })
  const world = await createWorld()
  const workspace = await world.workspace('teams', teams.tenant)
  const config: TeamsConfig = {
    appId: teams.appId,
    appPassword: teams.password,
    tenantId: teams.tenant,
    loginUrl: `${teams.url}/login`,
    serviceHosts: [teams.host],
    auth: true,
  }
  const references = conversationReferences(world.db)
  const log = createLogger('silent')
  /** Another process of the same installation, or one set up differently. */
  const start = (change: Partial<TeamsConfig> = {}) =>
    createTeamsPlatform({ config: { ...config, ...change }, references, log })
  const { platform, places } = start()
  const deliver = (
    route: Route,
    content: Outgoing['content'],
    more: Partial<Outgoing> = {},
    signal = AbortSignal.timeout(5000),
    by = platform,
  ) => by.deliver(workspace, { id: uuid(), route, content, uncertain: false, mentions: {}, ...more }, signal)
  return {
    teams,
    world,
    workspace: workspace as WorkspaceRef & { platform: 'teams' },
    references,
    platform,
    places,
    start,
    deliver,
    say: (route: Route, text: string, more?: Partial<Outgoing>, signal?: AbortSignal) =>
      deliver(route, { type: 'card', card: card(text) }, more, signal),
    /** As if somebody had spoken there. */
    heard: (conversation: string, sender = 'aad-ida') =>
      places.remember(
        workspace,
        {
          conversation,
          type: conversation.startsWith('a:')
            ? 'personal'
            : conversation.endsWith('tacv2')
              ? 'channel'
              : 'groupChat',
          serviceUrl: teams.control.serviceUrl,
          ...(conversation.startsWith('a:') && { user: sender }),
        },
        sender,
      ),
    close: async () => {
      await teams.close()
      await world.close()
    },
  }
}
