/** A console on a port of its own, with a chat that records what reached it and a client that is somebody. */
import { mkdtemp } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express from 'express'
import { pino } from 'pino'
import { createConsole } from '../../src/adapters/console/console.ts'
import type { Chat } from '../../src/chat/chat.ts'
import type { Inbound, SubmissionAnswer } from '../../src/chat/inbound.ts'
import type { Arrival } from '../../src/core/inbox.ts'
import type { Card } from '../../src/messages/card.ts'
import type { DeliveryResult, Outgoing, Route, WorkspaceRef } from '../../src/ports/platform.ts'

export const workspace: WorkspaceRef = { orgId: 'o', id: 'w', platform: 'console', externalId: 'console' }

export const people = [
  { user: 'ida', name: 'Ida Torres', title: 'IT · on-call engineer' },
  { user: 'finn', name: 'Finn Weber', title: 'Finance · manager' },
  { user: 'olga', name: 'Olga Brandt', title: 'Operations · user' },
]
export const channels = [
  { channel: 'general', name: 'general' },
  { channel: 'payments', name: 'payments' },
]

export function recordingChat() {
  const record = {
    arrivals: [] as Arrival[],
    submissions: [] as (Inbound & { kind: 'submission' })[],
    broken: false,
    answer: { ok: true } as SubmissionAnswer,
  }
  const chat: Chat = {
    workspace: async () => workspace,
    ensureWorkspace: async () => workspace,
    async receive(arrival) {
      if (record.broken) throw new Error('connection refused by 10.0.0.1')
      if (record.arrivals.some((known) => known.eventId === arrival.eventId)) return 'duplicate'
      record.arrivals.push(arrival)
      return 'stored'
    },
    async submit(_workspace, _eventId, inbound) {
      record.submissions.push(inbound)
      return record.answer
    },
    act: () => Promise.reject(new Error('not asked here')),
    view: () => Promise.reject(new Error('not asked here')),
    form: () => Promise.reject(new Error('not asked here')),
    find: () => Promise.reject(new Error('not asked here')),
    verbsFor: async () => [
      { usage: 'priority [INC] P1..P5', summary: 'Change how urgent an incident is.' },
      { usage: 'declare TITLE', summary: 'Open an incident.' },
      { usage: 'show INC', summary: 'Show an incident.' },
      { usage: 'list [mine|open|P1|team NAME]', summary: 'List incidents.' },
    ],
  }
  return { chat, record }
}

export async function openConsole(options: { dataDir?: string; port?: number } = {}) {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'tocsin-console-')))
  const { chat, record } = recordingChat()
  const adapter = createConsole({
    chat,
    workspaceId: 'console',
    people: async () => people,
    channels: async () => channels,
    dataDir,
    host: '127.0.0.1',
    log: pino({ level: 'silent' }),
  })
  const app = express()
  adapter.mount(app)
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  await adapter.start()
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`

  return {
    adapter,
    record,
    dataDir,
    port,
    url,
    deliver: (outgoing: Partial<Outgoing> & Pick<Outgoing, 'route' | 'content'>): Promise<DeliveryResult> =>
      adapter.platform.deliver(
        workspace,
        { id: crypto.randomUUID(), uncertain: false, mentions: {}, ...outgoing },
        AbortSignal.timeout(5_000),
      ),
    async close() {
      await adapter.stop()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
export type OpenConsole = Awaited<ReturnType<typeof openConsole>>

export const card = (summary: string): Card => ({ summary, blocks: [{ type: 'text', text: summary }] })
export const toChannel = (channel: string): Route => ({ type: 'channel', channel })

export async function post(base: string, path: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(base + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, body: await response.json(), headers: response.headers }
}

type View = {
  id: string
  text?: string
  summary?: string
  private: boolean
  channel: string
  edited?: string
}

/** Somebody's browser: a session, and what its page hears. */
export async function be(base: string, user: string) {
  const chosen = await post(base, '/console/session', { user })
  const Cookie = String(chosen.headers.get('set-cookie')).split(';')[0]!
  const get = async (path: string, headers: Record<string, string> = {}) =>
    fetch(base + path, { headers: { Cookie, ...headers } })
  const send = (path: string, body: object) =>
    post(base, path, { eventId: crypto.randomUUID(), ...body }, { Cookie })
  return {
    Cookie,
    send,
    get,
    say: (channel: string, text: string, more = {}) =>
      send('/console/message', { channel, text, page: 'p1', ...more }),
    async messages(channel: string): Promise<View[]> {
      const state = (await (await get(`/console/state?channel=${channel}`)).json()) as { messages: View[] }
      return state.messages
    },
    listen: (query = '', headers: Record<string, string> = {}) =>
      listen(`${base}/console/events?page=p1${query}`, { Cookie, ...headers }),
  }
}

type Heard = { event: string; data: View & Record<string, unknown>; id?: string }

async function listen(url: string, headers: Record<string, string>) {
  const stop = new AbortController()
  const response = await fetch(url, { headers, signal: stop.signal })
  const heard: Heard[] = []
  const reading = (async () => {
    let rest = ''
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + chunk).split('\n\n')
      rest = blocks.pop() ?? ''
      heard.push(...blocks.filter((block) => !block.startsWith(':')).map(parse))
    }
  })().catch(() => undefined)
  return {
    status: response.status,
    heard,
    messages: () => heard.filter(({ event }) => event === 'message').map(({ data }) => data),
    async stop() {
      stop.abort()
      await reading
    },
  }
}

function parse(block: string): Heard {
  const fields = Object.fromEntries(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]),
  )
  return { event: fields.event ?? '', id: fields.id, data: JSON.parse(fields.data ?? '{}') }
}
