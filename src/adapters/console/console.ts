/**
 * The local web console: a third adapter on the same port as Slack, for trying everything with no workspace. It
 * believes who one says one is, so it listens on loopback alone and answers only its own page.
 */
import type { Express } from 'express'
import type { Logger } from 'pino'
import type { Adapter, Chat } from '../../chat/chat.ts'
import type { WorkspaceRef } from '../../ports/platform.ts'
import { createPlatform } from './platform.ts'
import { readPayload } from './read.ts'
import { routes } from './routes.ts'
import { openStore } from './store.ts'
import type { ConsoleChannel, ConsolePerson } from './types.ts'
import { createViewers } from './viewers.ts'

export type { ConsoleChannel, ConsolePerson } from './types.ts'

export type ConsoleOptions = {
  chat: Chat
  /** The console's external id: one an organisation. */
  workspaceId: string
  people: () => Promise<ConsolePerson[]>
  channels: () => Promise<ConsoleChannel[]>
  /** Where `console.jsonl` lies. */
  dataDir: string
  /** What the server listens on: besides 127.0.0.1, localhost and [::1] the only name it answers to. */
  host: string
  log: Logger
}

export function createConsole(options: ConsoleOptions): Adapter & { mount(app: Express): void } {
  const { chat, people, channels, dataDir, host, log } = options
  const stage = { store: openStore(dataDir), viewers: createViewers(), people, channels }
  const receiving = new Set<Promise<unknown>>()
  let workspace: WorkspaceRef | undefined

  return {
    platform: createPlatform(stage),
    read: async (_workspace, payload) => readPayload(payload, await people()),
    mount: (app) => void app.use(routes({ chat, stage, host, log, workspace: () => workspace, receiving })),
    async start() {
      workspace = await chat.ensureWorkspace('console', options.workspaceId, 'Local console')
    },
    async stop() {
      workspace = undefined
      await Promise.allSettled(receiving)
      stage.viewers.stop()
    },
  }
}
