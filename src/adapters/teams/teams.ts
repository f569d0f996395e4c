import type { Express } from 'express'
import type { Adapter, Chat } from '../../chat/chat.ts'
import type { TeamsConfig } from '../../config.ts'
import type { ConversationReferences } from '../../core/conversation-references.ts'
import { createLimits, defaultLimits, type InboundLimits } from '../../inbound-limits.ts'
import type { Logger } from '../../log.ts'
import type { WorkspaceRef } from '../../ports/platform.ts'
import { createRouter } from './application.ts'
import { createEndpoint } from './endpoint.ts'
import { createGate } from './gate.ts'
import { createInvokes } from './invoke.ts'
import { createKeys, publicOpenidUrl } from './keys.ts'
import { createTeamsPlatform } from './platform.ts'
import { createReader } from './read.ts'
import { remember } from './remember.ts'
import { createTake } from './take.ts'
import { fromMessage } from './translate.ts'

export type TeamsAdapter = Adapter & { mount(app: Express): void }

/** Microsoft's local playground has no tenant. */
const noTenant = 'playground'

/** Microsoft Teams: one bot in one tenant. Starts without waiting for Microsoft. */
export const createTeams = (options: {
  config: TeamsConfig
  chat: Chat
  references: ConversationReferences
  log: Logger
  limits?: InboundLimits
}): TeamsAdapter => {
  const { config, chat, references } = options
  const log = options.log.child({ adapter: 'teams' })
  const { platform, places } = createTeamsPlatform({ config, references, log })
  const router = createRouter({ message: fromMessage, ...createInvokes(chat) })
  const read = createReader(router)
  let workspace: WorkspaceRef | undefined
  const take = createTake({
    chat,
    router,
    workspace: () => workspace,
    within: createLimits(options.limits ?? defaultLimits),
    remember: (ref, activity) => remember(places, ref, activity),
    log,
  })
  const gate = createGate(config, createKeys(config.openidUrl ?? publicOpenidUrl, log), log)

  return {
    platform,
    read: (_workspace, payload) => read(payload),
    mount(app) {
      app.post('/api/messages', createEndpoint({ gate, take, log }))
    },
    async start() {
      workspace = await chat.ensureWorkspace('teams', config.tenantId || noTenant, 'Microsoft Teams')
    },
    stop: () => take.close(),
  }
}
