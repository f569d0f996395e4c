/** The Web API's methods that the adapter calls, with the errors that Slack's documentation names. */
import { blockFault } from './slack-blocks.ts'
import type { SlackMessage, SlackState, SlackUser, SlackView } from './slack-state.ts'

type Args = Record<string, unknown>
type Result = Record<string, unknown>
const no = (error: string, reason?: string): Result => ({
  ok: false,
  error,
  ...(reason && { response_metadata: { messages: [`[ERROR] ${reason}`] } }),
})
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

export const addMessage = (
  state: SlackState,
  message: Pick<SlackMessage, 'channel' | 'text'> & Partial<SlackMessage>,
): SlackMessage => {
  const added = { ts: state.ts(), user: state.bot, edits: 0, order: state.next(), ...message }
  state.messages.push(added)
  return added
}

const channelFault = (state: SlackState, channel: unknown): Result | undefined => {
  if (!text(channel)) return no('channel_not_found')
  const known = state.channels.get(text(channel))
  if (known?.missing) return no('channel_not_found')
  if (known?.notIn) return no('not_in_channel')
  return known?.archived ? no('is_archived') : undefined
}

const contentFault = (args: Args): Result | undefined => {
  if (!text(args.text) && !(Array.isArray(args.blocks) && args.blocks.length)) return no('no_text')
  if (text(args.text).length > 40_000) return no('msg_too_long')
  const fault = blockFault(args.blocks)
  return fault && no(fault.error, fault.reason)
}

const find = (state: SlackState, args: Args): SlackMessage | undefined =>
  state.messages.find((m) => m.channel === args.channel && m.ts === args.ts && !m.ephemeralTo)

const shown = (state: SlackState, message: SlackMessage, args: Args): Result => ({
  type: 'message',
  ts: message.ts,
  text: message.text,
  user: message.user,
  ...(message.thread_ts && { thread_ts: message.thread_ts }),
  ...(message.user === state.bot && { bot_id: 'B0TOCSIN' }),
  ...(String(args.include_all_metadata) === 'true' && message.metadata && { metadata: message.metadata }),
})

const page = (state: SlackState, messages: SlackMessage[], args: Args): Result => {
  const limit = Number(args.limit ?? 100)
  const from = Number(args.cursor ?? 0)
  const rest = messages.length > from + limit
  return {
    ok: true,
    messages: messages.slice(from, from + limit).map((message) => shown(state, message, args)),
    has_more: rest,
    response_metadata: { next_cursor: rest ? String(from + limit) : '' },
  }
}

const profile = (state: SlackState, user: SlackUser): Result => ({
  id: user.id,
  team_id: user.team ?? state.team,
  name: user.name.toLowerCase().replaceAll(' ', '.'),
  real_name: user.name,
  deleted: user.deactivated ?? false,
  is_bot: user.bot ?? false,
  is_restricted: user.guest ?? false,
  is_ultra_restricted: false,
  is_owner: user.owner ?? false,
  is_primary_owner: false,
  is_admin: user.owner ?? false,
  ...(user.team && { is_stranger: true }),
  tz: user.timeZone ?? 'Europe/London',
  profile: { real_name: user.name, display_name: '', ...(user.email && { email: user.email }) },
})

const openView = (state: SlackState, args: Args): Result => {
  const trigger = state.triggers.get(text(args.trigger_id))
  if (!trigger) return no('invalid_trigger_id')
  if (trigger.used) return no('exchanged_trigger_id')
  if (Date.now() > trigger.expires) return no('expired_trigger_id')
  const view = args.view as SlackView
  const fault = blockFault(view?.blocks, true)
  if (fault) return no(fault.error, fault.reason)
  if ((view.title?.text.length ?? 99) > 24 || (view.private_metadata?.length ?? 0) > 3000)
    return no('invalid_arguments', 'title over 24 or private_metadata over 3,000 characters')
  trigger.used = true
  const order = state.next()
  const opened = {
    ...view,
    id: `V${order}`,
    hash: `${order}.hash`,
    trigger: text(args.trigger_id),
    user: trigger.user,
  }
  state.views.push(opened)
  return { ok: true, view: opened }
}

export const methods: Record<string, (state: SlackState, args: Args) => Result> = {
  'auth.test': (state) => ({
    ok: true,
    url: 'https://example.slack.com/',
    team: 'Example Corp',
    team_id: state.team,
    user: 'tocsin',
    user_id: state.bot,
    bot_id: 'B0TOCSIN',
    is_enterprise_install: false,
  }),
  'chat.postMessage': (state, args) => {
    const fault = channelFault(state, args.channel) ?? contentFault(args)
    if (fault) return fault
    const message = addMessage(state, {
      channel: text(args.channel),
      text: text(args.text),
      blocks: args.blocks,
      ...(args.thread_ts ? { thread_ts: text(args.thread_ts) } : {}),
      ...(args.metadata ? { metadata: args.metadata as Args } : {}),
    })
    return { ok: true, channel: message.channel, ts: message.ts, message: shown(state, message, {}) }
  },
  'chat.postEphemeral': (state, args) => {
    const fault = channelFault(state, args.channel) ?? contentFault(args)
    if (fault) return fault
    if (!state.users.has(text(args.user))) return no('user_not_in_channel')
    const message = addMessage(state, {
      channel: text(args.channel),
      text: text(args.text),
      blocks: args.blocks,
      ephemeralTo: text(args.user),
      ...(args.thread_ts ? { thread_ts: text(args.thread_ts) } : {}),
    })
    return { ok: true, message_ts: message.ts }
  },
  'chat.update': (state, args) => {
    const fault = channelFault(state, args.channel) ?? contentFault(args)
    if (fault) return fault
    const message = find(state, args)
    if (!message) return no('message_not_found')
    if (message.user !== state.bot) return no('cant_update_message')
    if (message.streaming) return no('streaming_state_conflict')
    message.text = text(args.text)
    message.blocks = args.blocks
    message.edits += 1
    return { ok: true, channel: message.channel, ts: message.ts, text: message.text }
  },
  'chat.delete': (state, args) => {
    const message = find(state, args)
    if (!message) return no('message_not_found')
    state.messages.splice(state.messages.indexOf(message), 1)
    return { ok: true, channel: message.channel, ts: message.ts }
  },
  'chat.startStream': (state, args) => {
    const fault = channelFault(state, args.channel)
    if (fault) return fault
    const message = addMessage(state, {
      channel: text(args.channel),
      text: text(args.markdown_text),
      streaming: true,
      ...(args.thread_ts ? { thread_ts: text(args.thread_ts) } : {}),
    })
    return { ok: true, channel: message.channel, ts: message.ts }
  },
  'chat.appendStream': (state, args) => {
    const message = find(state, args)
    if (!message?.streaming) return no('message_not_in_streaming_state')
    message.text += text(args.markdown_text)
    return { ok: true, channel: message.channel, ts: message.ts }
  },
  'chat.stopStream': (state, args) => {
    const message = find(state, args)
    if (!message?.streaming) return no('message_not_in_streaming_state')
    message.streaming = false
    message.text += text(args.markdown_text)
    return { ok: true, channel: message.channel, ts: message.ts }
  },
  'views.open': openView,
  'users.info': (state, args) => {
    const user = state.users.get(text(args.user))
    return user ? { ok: true, user: profile(state, user) } : no('user_not_found')
  },
  'users.lookupByEmail': (state, args) => {
    const email = text(args.email).toLowerCase()
    const user = [...state.users.values()].find((one) => one.email?.toLowerCase() === email)
    return user ? { ok: true, user: profile(state, user) } : no('users_not_found')
  },
  'conversations.open': (state, args) => {
    const user = text(args.users)
    return state.users.has(user) ? { ok: true, channel: { id: directOf(user) } } : no('user_not_found')
  },
  'conversations.info': (state, args) =>
    channelFault(state, args.channel) ?? { ok: true, channel: { id: args.channel, is_ext_shared: false } },
  'conversations.create': (state, args) => {
    const name = text(args.name)
    if (!name) return no('invalid_name_required')
    if (name.length > 80) return no('invalid_name_maxlength')
    if (!/^[a-z0-9_-]+$/.test(name)) return no('invalid_name_specials')
    if ([...state.channels.values()].some((channel) => channel.name === name)) return no('name_taken')
    const id = `C${String(state.next()).padStart(10, '0')}`
    const created = Math.floor(Date.now() / 1000)
    state.channels.set(id, { name, creator: state.bot, created, members: [state.bot] })
    return { ok: true, channel: { id, name, creator: state.bot, created, is_private: false } }
  },
  'conversations.setTopic': (state, args) => {
    const fault = channelFault(state, args.channel)
    if (fault) return fault
    if (text(args.topic).length > 250) return no('too_long')
    state.channels.set(text(args.channel), {
      ...state.channels.get(text(args.channel)),
      topic: text(args.topic),
    })
    return { ok: true, channel: { id: args.channel } }
  },
  'conversations.invite': (state, args) => {
    const fault = channelFault(state, args.channel)
    if (fault) return fault
    const users = text(args.users).split(',').filter(Boolean)
    if (!users.length) return no('no_user')
    if (users.length > 100) return no('too_many_users')
    const channel = state.channels.get(text(args.channel)) ?? {}
    const members = channel.members ?? []
    const there = users.filter((user) => state.users.has(user) && !members.includes(user))
    if (there.length < users.length && String(args.force) !== 'true')
      return no(users.every((user) => members.includes(user)) ? 'already_in_channel' : 'user_not_found')
    state.channels.set(text(args.channel), { ...channel, members: [...members, ...there] })
    return there.length ? { ok: true, channel: { id: args.channel } } : no('already_in_channel')
  },
  'users.conversations': (state) => ({
    ok: true,
    channels: [...state.channels]
      .filter(([, channel]) => channel.members?.includes(state.bot) && !channel.archived)
      .map(([id, { name, creator, created }]) => ({ id, name, creator, created })),
    response_metadata: { next_cursor: '' },
  }),
  'conversations.history': (state, args) => {
    const fault = channelFault(state, args.channel)
    if (fault) return fault
    const since = Number(args.oldest ?? 0)
    const found = state.messages.filter(
      (m) => m.channel === args.channel && !m.ephemeralTo && !m.thread_ts && Number(m.ts) > since,
    )
    return page(state, found.reverse(), args)
  },
  'conversations.replies': (state, args) => {
    const found = state.messages.filter(
      (m) => m.channel === args.channel && !m.ephemeralTo && (m.thread_ts === args.ts || m.ts === args.ts),
    )
    return page(state, found, args)
  },
  'assistant.threads.setStatus': (state, args) => {
    state.statuses.push(args)
    return { ok: true }
  },
}

/** A person's conversation with the bot. */
export const directOf = (user: string): string => `D${user.slice(1)}`

/** What a response address does with a message. */
export const throughHook = (state: SlackState, id: string, args: Args): { status: number; body: string } => {
  const hook = state.hooks.get(id)
  if (!hook) return { status: 404, body: 'no_such_hook' }
  if (Date.now() > hook.expires) return { status: 404, body: '{"ok":false,"error":"expired_url"}' }
  if (hook.uses >= 5) return { status: 404, body: '{"ok":false,"error":"used_url"}' }
  const fault = contentFault(args)
  if (fault) return { status: 400, body: String(fault.error) }
  hook.uses += 1
  addMessage(state, {
    channel: hook.channel,
    text: text(args.text),
    blocks: args.blocks,
    hook: id,
    ...(args.response_type === 'in_channel' ? {} : { ephemeralTo: hook.user }),
  })
  return { status: 200, body: 'ok' }
}
