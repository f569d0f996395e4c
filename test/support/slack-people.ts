/** People in Slack: what they type and press reaches the app as Slack would send it, signed. */
import { randomBytes } from 'node:crypto'
import { buttonsOf } from './slack-blocks.ts'
import { addMessage, directOf } from './slack-methods.ts'
import { click, commandForm, event, formOf, sign, submission, type Who } from './slack-payloads.ts'
import type { SocketServer } from './slack-socket.ts'
import type { SlackMessage, SlackState, SlackView } from './slack-state.ts'

/** Something sent, and the app's own HTTP answer to it. */
export type Sent = {
  status: number
  /** Parsed where it is JSON. */
  body: unknown
  ms: number
  user: string
  /** None for a dialog. */
  channel?: string
  thread?: string
  order: number
  trigger: string
  hook?: string
  /** The request as it went, for sending it again. */
  raw: string
}

type Where = { channel?: string; thread?: string }

/** The type of Socket Mode's envelope, and what is in it, of what would go over HTTP. */
const enveloped = (raw: string, contentType: string): [string, unknown] => {
  if (contentType.endsWith('json')) return ['events_api', JSON.parse(raw)]
  const fields = Object.fromEntries(new URLSearchParams(raw))
  return fields.payload ? ['interactive', JSON.parse(fields.payload)] : ['slash_commands', fields]
}

export const createPeople = (options: {
  state: SlackState
  url: string
  secret: string
  socket: SocketServer
}) => {
  const { state, url, secret, socket } = options
  let overSocket = false
  let appUrl = ''
  const random = () => randomBytes(8).toString('hex')
  const whoIs = (user: string): Who => ({
    user,
    team: state.team,
    home: state.users.get(user)?.team ?? state.team,
  })
  const newTrigger = (user: string): string => {
    const trigger = `${Date.now()}.${random()}`
    state.triggers.set(trigger, { user, expires: Date.now() + state.triggerMs, used: false })
    return trigger
  }
  const newHook = (channel: string, user: string): string => {
    const hook = random()
    state.hooks.set(hook, { channel, user, uses: 0, expires: Date.now() + state.hookMs })
    return hook
  }

  /** Posts a body with a valid signature. */
  const post = async (raw: string, contentType = 'application/x-www-form-urlencoded') => {
    if (overSocket) {
      const started = performance.now()
      const answer = await socket.send(...enveloped(raw, contentType))
      const body = answer && Object.keys(answer).length > 0 ? answer : ''
      return { status: answer ? 200 : 504, body: body as unknown, ms: performance.now() - started, raw }
    }
    if (!appUrl) throw new Error('Say slack.connect(url of the app) first.')
    const started = performance.now()
    const response = await fetch(`${appUrl}/slack/events`, {
      method: 'POST',
      headers: { 'content-type': contentType, ...sign(raw, secret) },
      body: raw,
    })
    const text = await response.text()
    const json = response.headers.get('content-type')?.includes('json')
    const body: unknown = json ? JSON.parse(text) : text
    return { status: response.status, body, ms: performance.now() - started, raw }
  }
  const postEvent = (who: Who, inner: Record<string, unknown>) =>
    post(JSON.stringify(event(who, `Ev${random()}`, state.bot, inner)), 'application/json')

  const client = {
    post,
    async command(
      text: string,
      { user, channel = 'C1', command = '/incident' }: Where & { user: string; command?: string },
    ): Promise<Sent> {
      const trigger = newTrigger(user)
      const hook = newHook(channel, user)
      const order = state.next()
      const responseUrl = `${url}/hooks/${hook}`
      const raw = commandForm(whoIs(user), { command, text, channel, trigger, responseUrl })
      return { ...(await post(raw)), user, channel, order, trigger, hook }
    },
    /** By the button's words, or what they begin with, or its action_id. */
    async click(message: SlackMessage, button: string, { user }: { user: string }): Promise<Sent> {
      const all = buttonsOf(message.blocks)
      const found =
        all.find(({ text }) => text.text === button) ??
        all.find(({ action_id }) => action_id === button) ??
        all.find(({ text }) => text.text.startsWith(button))
      if (!found)
        throw new Error(`No button ${button}; there are: ${all.map(({ text }) => text.text).join(', ')}`)
      const trigger = newTrigger(user)
      const hook = newHook(message.channel, user)
      const order = state.next()
      const ids = { trigger, responseUrl: `${url}/hooks/${hook}`, at: state.ts() }
      const sent = await post(formOf(click(whoIs(user), message, found, ids)))
      return { ...sent, user, channel: message.channel, order, trigger, hook }
    },
    async dm(text: string, { user, thread }: { user: string; thread?: string }): Promise<Sent> {
      const channel = directOf(user)
      const said = addMessage(state, { channel, text, user, ...(thread && { thread_ts: thread }) })
      const inner = { type: 'message', channel_type: 'im', channel, text, ts: said.ts, thread_ts: thread }
      const sent = await postEvent(whoIs(user), { ...inner, event_ts: said.ts })
      return { ...sent, user, channel, thread, order: said.order, trigger: '' }
    },
    async mention(text: string, { user, channel = 'C1', thread }: Where & { user: string }): Promise<Sent> {
      const said = addMessage(state, {
        channel,
        text: `<@${state.bot}> ${text}`,
        user,
        ...(thread && { thread_ts: thread }),
      })
      const inner = { type: 'app_mention', channel, text: said.text, ts: said.ts, thread_ts: thread }
      const sent = await postEvent(whoIs(user), { ...inner, event_ts: said.ts })
      return { ...sent, user, channel, thread: thread ?? said.ts, order: said.order, trigger: '' }
    },
    /** Values by field name or label; a taken dialog closes, otherwise its `errors` are set. */
    async submit(
      view: SlackView,
      values: Record<string, string>,
      { user }: { user?: string } = {},
    ): Promise<Sent> {
      const who = user ?? view.user
      const trigger = newTrigger(who)
      const order = state.next()
      const sent = await post(formOf(submission(whoIs(who), view, values, trigger)))
      const answer = sent.body as { response_action?: string; errors?: Record<string, string> } | ''
      view.errors = answer ? answer.errors : undefined
      const closed = sent.status === 200 && (!answer || answer.response_action === 'clear')
      if (closed) state.views.splice(state.views.indexOf(view), 1)
      return { ...sent, user: who, order, trigger }
    },
    async shortcut(callbackId: string, { user }: { user: string }): Promise<Sent> {
      const trigger = newTrigger(user)
      const order = state.next()
      const who = whoIs(user)
      const payload = {
        type: 'shortcut',
        callback_id: callbackId,
        trigger_id: trigger,
        action_ts: state.ts(),
        user: { id: user, team_id: who.home },
        team: { id: who.team, domain: 'example' },
        enterprise: null,
        is_enterprise_install: false,
      }
      return { ...(await post(formOf(payload))), user, channel: directOf(user), order, trigger }
    },
  }

  return {
    client,
    directOf,
    /** People reach the app through its own connection (Socket Mode). */
    useSocket: () => {
      overSocket = true
    },
    connect: (base: string) => {
      overSocket = false
      appUrl = base.replace(/\/$/, '')
    },
    /** The same, said by this user. */
    as: (user: string) => ({
      command: (text: string, where: Where & { command?: string } = {}) =>
        client.command(text, { ...where, user }),
      click: (message: SlackMessage, button: string) => client.click(message, button, { user }),
      dm: (text: string, where: { thread?: string } = {}) => client.dm(text, { ...where, user }),
      mention: (text: string, where: Where = {}) => client.mention(text, { ...where, user }),
      submit: (view: SlackView, values: Record<string, string>) => client.submit(view, values, { user }),
      shortcut: (callbackId: string) => client.shortcut(callbackId, { user }),
    }),
  }
}
