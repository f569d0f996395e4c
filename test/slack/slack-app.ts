/** The adapter over real HTTP, with the other side of its port recorded. */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { createSlack } from '../../src/adapters/slack/slack.ts'
import type { Chat } from '../../src/chat/chat.ts'
import type { Inbound, SubmissionAnswer } from '../../src/chat/inbound.ts'
import type { Arrival } from '../../src/core/inbox.ts'
import { createLogger } from '../../src/log.ts'
import type { WorkspaceRef } from '../../src/ports/platform.ts'
import type { SlackStandIn } from '../support/slack-stand-in.ts'

export const workspaceOf = (slack: SlackStandIn): WorkspaceRef => ({
  orgId: '00000000-0000-7000-8000-000000000001',
  id: '00000000-0000-7000-8000-000000000002',
  platform: 'slack',
  externalId: slack.team,
})

export const startSlackApp = async (slack: SlackStandIn, { started = true, socket = false } = {}) => {
  const workspace = workspaceOf(slack)
  const stored = new Map<string, Arrival>()
  const submitted: { eventId: string; inbound: Inbound & { kind: 'submission' } }[] = []
  const other: { down: boolean; answer: SubmissionAnswer; joined: boolean } = {
    down: false,
    answer: { ok: true },
    joined: false,
  }
  const chat: Chat = {
    workspace: async (_platform, id) => (other.joined && id === slack.team ? workspace : undefined),
    ensureWorkspace: async () => {
      other.joined = true
      return workspace
    },
    receive: async (arrival) => {
      if (other.down) throw new Error('the database is away')
      if (stored.has(arrival.eventId)) return 'duplicate'
      stored.set(arrival.eventId, arrival)
      return 'stored'
    },
    submit: async (_workspace, eventId, inbound) => {
      if (other.down) throw new Error('the database is away')
      submitted.push({ eventId, inbound })
      return other.answer
    },
    act: () => Promise.reject(new Error('not asked here')),
    view: () => Promise.reject(new Error('not asked here')),
    form: () => Promise.reject(new Error('not asked here')),
    find: () => Promise.reject(new Error('not asked here')),
    verbsFor: async () => [],
  }
  const adapter = createSlack({
    config: {
      botToken: slack.token,
      ...(socket ? { appToken: slack.appToken } : { signingSecret: slack.secret }),
      apiUrl: slack.apiUrl,
      commands: ['/incident', '/inc'],
    },
    chat,
    log: createLogger('silent'),
  })
  const app = express()
  adapter.mount(app)
  const server = await new Promise<Server>((done) => {
    const listening = app.listen(0, '127.0.0.1', () => done(listening))
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  if (socket) slack.useSocket()
  else slack.connect(url)
  if (started) {
    await adapter.start()
    await slack.waitFor(() => other.joined)
  }
  /** What the last thing stored means. */
  const read = async () => {
    const last = [...stored.values()].at(-1)
    return last && adapter.read(workspace, JSON.parse(last.payload) as Record<string, unknown>)
  }
  return {
    adapter,
    workspace,
    stored,
    submitted,
    other,
    url,
    read,
    async close() {
      await adapter.stop()
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}
