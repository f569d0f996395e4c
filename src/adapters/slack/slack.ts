import type { Express } from 'express'
import type { Adapter, Chat } from '../../chat/chat.ts'
import type { SlackConfig } from '../../config.ts'
import { createLimits, defaultLimits, type InboundLimits } from '../../inbound-limits.ts'
import type { Logger } from '../../log.ts'
import type { Platform, WorkspaceRef } from '../../ports/platform.ts'
import { createClient } from './client.ts'
import { createDeliver } from './deliver.ts'
import { createEndpoint } from './endpoint.ts'
import { createFindByEmail } from './find-by-email.ts'
import { createIdentity } from './identity.ts'
import { createProfiles } from './profile.ts'
import { createReader } from './read.ts'
import { usableResponseUrl } from './respond.ts'
import { createSocket } from './socket.ts'
import { createStream } from './stream.ts'
import { createTake } from './take.ts'

export type SlackAdapter = Adapter & { mount(app: Express): void }

/** Slack over HTTP, or in Socket Mode where an app token is given. Starts without waiting for Slack. */
export const createSlack = (options: {
  config: SlackConfig
  chat: Chat
  log: Logger
  limits?: InboundLimits
}): SlackAdapter => {
  const { config, chat } = options
  const { apiUrl, botToken } = config
  const log = options.log.child({ adapter: 'slack' })
  const client = botToken ? createClient(botToken, apiUrl, log) : undefined
  const identity = client && createIdentity({ client, chat, log })
  const mayRespond = (url: string) => usableResponseUrl(url, apiUrl)
  const botUser = () => identity?.current()?.botUser

  /** The one token speaks for its own installation only. */
  const clientOf = (workspace: WorkspaceRef) => {
    const ours = identity?.current()?.installation
    return ours === undefined || ours === workspace.externalId ? client : undefined
  }

  const read = createReader({ token: botToken ?? '', apiUrl, botUser, mayRespond, log })
  const take = createTake({
    chat,
    log,
    commands: config.commands,
    within: createLimits(options.limits ?? defaultLimits),
    connected: () => identity === undefined || identity.current() !== undefined,
    mayRespond,
    read,
  })
  const socket = config.appToken ? createSocket({ appToken: config.appToken, apiUrl, take, log }) : undefined

  const platform: Platform = {
    name: 'slack',
    // docs.slack.dev/apis/web-api/rate-limits: about one message a second to a channel.
    paceMs: 1000,
    deliver: createDeliver({ clientOf, mayRespond, log }),
    profile: createProfiles(clientOf),
    findByEmail: createFindByEmail(clientOf),
    stream: async (workspace, place) => {
      const slack = clientOf(workspace)
      // A shared channel sees one message, whose label is known.
      if (!slack || !place.channel.startsWith('D')) return undefined
      return createStream(slack, identity?.current()?.team ?? workspace.externalId, place, log)
    },
    status: async (workspace, { channel, thread }, text) => {
      if (!thread) return
      await clientOf(workspace)
        ?.assistant.threads.setStatus({ channel_id: channel, thread_ts: thread, status: text })
        .catch(() => {})
    },
  }

  return {
    platform,
    read,
    mount(app) {
      if (!config.signingSecret || socket) return
      app.post('/slack/events', createEndpoint({ secret: config.signingSecret, take, log }))
    },
    async start() {
      identity?.start()
      socket?.start()
    },
    async stop() {
      identity?.stop()
      await take.close()
      await socket?.stop()
    },
  }
}
