/** Everything of Teams that goes out. */
import type { TeamsConfig } from '../../config.ts'
import type { ConversationReferences } from '../../core/conversation-references.ts'
import type { Logger } from '../../log.ts'
import type { Platform, WorkspaceRef } from '../../ports/platform.ts'
import { type Call, createConnector } from './connector.ts'
import { createDeliver } from './deliver.ts'
import { allowedService } from './gate.ts'
import { createPlaces, joinConversation, type Places, splitConversation } from './places.ts'
import { createProfiles } from './profile.ts'
import { globalServiceUrl } from './service-url.ts'
import { createStream } from './stream.ts'

const publicLogin = 'https://login.microsoftonline.com'

/** @returns `places` for the inbound side, which remembers and forgets what activities say of conversations. */
export const createTeamsPlatform = (options: {
  config: TeamsConfig
  references: ConversationReferences
  log: Logger
}): { platform: Platform; places: Places } => {
  const { config, references, log } = options
  // Microsoft's local client knows no token, and a real one is not for it.
  const signs = config.auth || config.loginUrl !== undefined
  const connector = createConnector({
    loginUrl: config.loginUrl ?? publicLogin,
    tenantId: config.tenantId,
    appId: signs ? config.appId : '',
    appPassword: config.appPassword,
    isServiceUrl: (url) => allowedService(url, config),
  })
  const places = createPlaces({ references, globalUrl: globalServiceUrl(config.serviceHosts) })
  const profile = createProfiles({ connector, places, tenant: config.tenantId || undefined })

  const callIn = async (workspace: WorkspaceRef, conversation: string, call: Partial<Call>, more: string[]) =>
    connector({
      method: 'POST',
      ...call,
      serviceUrl: await places.serviceUrl(workspace, splitConversation(conversation).conversation),
      path: ['conversations', conversation, 'activities', ...more],
    })

  const platform: Platform = {
    name: 'teams',
    // 7 a second, 60 in 30 s and 1,800 an hour to one thread (learn.microsoft.com/microsoftteams, "Rate limiting"):
    // 1 a second keeps the first two; after half an hour of it without a pause Teams answers 429, and is waited for.
    paceMs: 1000,
    deliver: createDeliver({ connector, places, profile, appId: config.appId, log }),
    profile,
    stream: async (workspace, { channel, user }) => {
      const own = await places.findPersonal(workspace, user)
      // A shared conversation sees one message, whose label is known.
      if (own?.conversation !== channel) return undefined
      const speak = {
        post: (body: Record<string, unknown>) => callIn(workspace, channel, { body }, []),
        put: (message: string, body: Record<string, unknown>) =>
          callIn(workspace, channel, { method: 'PUT', body }, [message]),
        remove: (message: string) => callIn(workspace, channel, { method: 'DELETE' }, [message]),
      }
      return createStream(speak, channel, log)
    },
    status: async (workspace, { channel, thread }) => {
      // The typing indicator; it shows no words, and goes by itself.
      await callIn(workspace, joinConversation(channel, thread), { body: { type: 'typing' } }, [])
    },
  }
  return { platform, places }
}
