/**
 * A local server standing in for Slack: its Web API and response addresses, and people who type and click.
 *
 *   const slack = await startSlackStandIn()
 *   slack.addUser({ id: 'U1', name: 'Ida Torres', email: 'ida@example.com' })
 *   // … start the app with slack.env() …
 *   slack.connect(app.url)
 *   const sent = await slack.as('U1').command('declare Checkout is down', { channel: 'C1' })
 *   const answer = await slack.answerTo(sent)
 *   expect(slack.textOf(answer)).toContain('INC-001')
 *   await slack.as('U1').click(answer, 'Acknowledge')
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { blocksText, buttonsOf } from './slack-blocks.ts'
import { methods, throughHook } from './slack-methods.ts'
import { sign } from './slack-payloads.ts'
import { createPeople, type Sent } from './slack-people.ts'
import { createSocketServer } from './slack-socket.ts'
import { type ChannelState, createState, type SlackMessage, type SlackUser } from './slack-state.ts'

export type { Sent } from './slack-people.ts'
export type { SlackMessage, SlackUser, SlackView } from './slack-state.ts'

/** `taken`: the call takes effect, and only its answer goes wrong. */
export type Fault = { taken?: boolean } & (
  | { type: 'throttled'; retryAfter?: number }
  | { type: 'status'; status: number }
  | { type: 'hang' }
  | { type: 'broken' }
  | { type: 'refused'; error: string; needed?: string }
  | { type: 'cut' }
)

/** `by`: what stands before `/api/` in the caller's SLACK_API_URL, where that tells one replica from another. */
export type Call = { method: string; args: Record<string, unknown>; by?: string }

type Args = Record<string, unknown>

const readArgs = async (request: IncomingMessage): Promise<Args> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  if (request.headers['content-type']?.startsWith('application/json')) return JSON.parse(text) as Args
  return Object.fromEntries(
    [...new URLSearchParams(text)].map(([name, value]) => [
      name,
      /^[[{]/.test(value) && ['blocks', 'view', 'metadata', 'chunks'].includes(name)
        ? JSON.parse(value)
        : value,
    ]),
  )
}

const reply = (
  response: ServerResponse,
  status: number,
  body: string,
  headers: Record<string, string> = {},
) => response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)

export const startSlackStandIn = async (
  options: { team?: string; bot?: string; token?: string; secret?: string } = {},
) => {
  const { team = 'T0EXAMPLE', bot = 'U0BOT', token = 'xoxb-stand-in', secret = 'stand-in-secret' } = options
  const state = createState(team, bot)
  const faults = new Map<string, Fault[]>()
  const control = { fault: (_call: Call): Fault | undefined => undefined }
  const watchers = new Set<() => void>()
  const changed = () => {
    for (const watcher of watchers) watcher()
  }

  const answerWrongly = (response: ServerResponse, fault: Fault) => {
    switch (fault.type) {
      case 'throttled':
        return reply(
          response,
          429,
          '{"ok":false,"error":"ratelimited"}',
          fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) },
        )
      case 'status':
        return reply(response, fault.status, 'upstream error')
      case 'broken':
        return reply(response, 200, '{"ok":tru')
      case 'refused':
        return reply(response, 200, JSON.stringify({ ok: false, error: fault.error, needed: fault.needed }))
      case 'cut':
        return response.destroy()
      case 'hang':
        return undefined
    }
  }

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? ''
    const [, by, called] = /^(?:\/(\w+))?\/api\/(.*)$/.exec(path) ?? []
    const method = called ?? (path.startsWith('/hooks/') ? 'hooks' : path)
    const args = await readArgs(request)
    state.calls.push({ method, args, at: Date.now() })
    const fault = control.fault({ method, args, by }) ?? faults.get(method)?.shift()
    const act = (): { status: number; body: string } => {
      if (method === 'hooks') return throughHook(state, path.slice('/hooks/'.length), args)
      if (method === 'apps.connections.open')
        return { status: 200, body: JSON.stringify({ ok: true, url: `${url.replace('http', 'ws')}/link` }) }
      const known = methods[method]
      if (!known) return { status: 200, body: '{"ok":false,"error":"unknown_method"}' }
      if (request.headers.authorization !== `Bearer ${token}`)
        return { status: 200, body: '{"ok":false,"error":"invalid_auth"}' }
      return { status: 200, body: JSON.stringify(known(state, args)) }
    }
    const result = !fault || fault.taken ? act() : undefined
    if (fault) answerWrongly(response, fault)
    else if (result) reply(response, result.status, result.body)
    changed()
  }
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  })
  const socket = createSocketServer(server)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  /** Resolves to what the predicate finds; looks after each call, and every 10 ms for what happens elsewhere. */
  const waitFor = async <T>(
    predicate: () => T | Promise<T>,
    { timeoutMs = 5000, what = 'what was waited for' } = {},
  ): Promise<NonNullable<T>> => {
    const until = Date.now() + timeoutMs
    for (;;) {
      const found = await predicate()
      if (found) return found
      if (Date.now() > until)
        throw new Error(`${what} did not come in ${timeoutMs} ms. Last calls:\n${recent()}`)
      await new Promise<void>((done) => {
        const go = () => {
          clearTimeout(timer)
          watchers.delete(go)
          done()
        }
        const timer = setTimeout(go, 10)
        watchers.add(go)
      })
    }
  }
  const recent = (): string =>
    state.calls
      .slice(-8)
      .map(({ method, args }) => `  ${method} ${JSON.stringify(args).slice(0, 300)}`)
      .join('\n')

  const people = createPeople({ state, url, secret, socket })
  const fromBot = (message: SlackMessage) => message.user === bot && !message.ephemeralTo

  const answers = (sent: Sent, message: SlackMessage): boolean => {
    if (message.user !== bot || message.streaming || message.order < sent.order) return false
    if (sent.hook !== undefined) return message.hook === sent.hook
    if ((message.ephemeralTo ?? sent.user) !== sent.user) return false
    // A dialog's answer comes wherever it was opened from, or to the person.
    if (sent.channel === undefined)
      return message.ephemeralTo !== undefined || message.channel === people.directOf(sent.user)
    return message.channel === sent.channel && (sent.thread ? message.thread_ts === sent.thread : true)
  }
  /** What answers a command, click or dialog alone; to a message, the bot's next one where it was said. */
  const answerTo = (sent: Sent, waiting?: { timeoutMs?: number }): Promise<SlackMessage> =>
    waitFor(() => state.messages.find((message) => answers(sent, message)), {
      what: 'An answer',
      ...waiting,
    })

  return {
    url,
    /** For SLACK_API_URL. */
    apiUrl: `${url}/api/`,
    team,
    bot,
    token,
    secret,
    env: () => ({ SLACK_BOT_TOKEN: token, SLACK_SIGNING_SECRET: secret, SLACK_API_URL: `${url}/api/` }),
    /** SLACK_APP_TOKEN beside SLACK_BOT_TOKEN; then say `useSocket` in place of `connect`. */
    appToken: 'xapp-stand-in',
    useSocket: people.useSocket,
    socket,
    /** Where the app under test listens, for example http://127.0.0.1:3000. */
    connect: people.connect,
    client: people.client,
    as: people.as,
    sign: (body: string, timestamp?: number) => sign(body, secret, timestamp),
    addUser: (user: SlackUser) => state.users.set(user.id, user),
    setChannel: (channel: string, change: ChannelState) => state.channels.set(channel, change),
    /** The next `times` calls of this method go wrong; `hooks` stands for the response addresses. */
    fail(method: string, fault: Fault, times = 1) {
      faults.set(method, [...(faults.get(method) ?? []), ...Array.from({ length: times }, () => fault)])
    },
    heal: () => faults.clear(),
    /** Decides for each call as it arrives whether it goes wrong. */
    control,
    calls: (method?: string) => state.calls.filter((call) => !method || call.method === method),
    /** The bot's messages there, as they are now. */
    messages: (channel: string) =>
      state.messages.filter((message) => message.channel === channel && fromBot(message)),
    /** The bot's messages to this person alone: their direct conversation. */
    direct: (user: string) =>
      state.messages.filter((message) => message.channel === people.directOf(user) && fromBot(message)),
    directOf: people.directOf,
    ephemerals: (user: string) => state.messages.filter((message) => message.ephemeralTo === user),
    modals: (user?: string) => state.views.filter((view) => !user || view.user === user),
    statuses: () => state.statuses,
    textOf: (message: { text: string; blocks?: unknown }) => blocksText(message.blocks) || message.text,
    buttonsOf: (message: { blocks?: unknown }) => buttonsOf(message.blocks).map(({ text }) => text.text),
    waitFor,
    answerTo,
    /** For tests of what happens later than a trigger or a response address lives. */
    expire(sent: Sent) {
      const trigger = state.triggers.get(sent.trigger)
      if (trigger) trigger.expires = 0
      const hook = sent.hook && state.hooks.get(sent.hook)
      if (hook) hook.expires = 0
    },
    state,
    async close() {
      socket.destroy()
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}
export type SlackStandIn = Awaited<ReturnType<typeof startSlackStandIn>>
