/** The connector service of a Teams tenant: conversations, what the bot posted there, and who is in them. */

export type Json = Record<string, unknown>

export type TeamsUser = {
  /** The AAD object id. */
  id: string
  name: string
  email?: string
  tenant?: string
  /** `guest`, `anonymous`, `user`. */
  userRole?: string
  /** Whether the bot is installed for them; unless false a conversation with them can be created. */
  reachable?: boolean
}

/** A message of the bot as it stands now; `activity` is the last that was sent for it. */
export type TeamsMessage = {
  conversation: string
  id: string
  activity: Json
  replyToId?: string
  order: number
  updates: number
  deleted?: boolean
}

export type TeamsCall = { method: string; path: string; body: Json; at: number; authorization?: string }

export type TeamsState = {
  tenant: string
  bot: string
  users: Map<string, TeamsUser>
  messages: TeamsMessage[]
  /** Typing and streaming activities, which leave no message. */
  typing: { conversation: string; activity: Json; order: number }[]
  calls: TeamsCall[]
  /** Conversations that exist: id to what was said when it was made. */
  conversations: Map<string, Json>
  next: () => number
}

export const createTeamsState = (tenant: string, bot: string): TeamsState => {
  let order = 0
  return {
    tenant,
    bot,
    users: new Map(),
    messages: [],
    typing: [],
    calls: [],
    conversations: new Map(),
    next: () => {
      order += 1
      return order
    },
  }
}

/** A user is `29:…` to the bot, and has an AAD object id. */
export const channelUser = (user: string): string => `29:${user}`
export const personalOf = (user: string): string => `a:personal-${user}`

export type Result = { status: number; body: Json | Json[] }

const notFound = (code: string): Result => ({
  status: 404,
  body: { error: { code, message: `${code} in the stand-in` } },
})

const accountOf = (state: TeamsState, user: TeamsUser): Json => ({
  id: channelUser(user.id),
  name: user.name,
  objectId: user.id,
  aadObjectId: user.id,
  givenName: user.name.split(' ')[0],
  surname: user.name.split(' ').slice(1).join(' '),
  email: user.email,
  userPrincipalName: user.email,
  tenantId: user.tenant ?? state.tenant,
  userRole: user.userRole ?? 'user',
})

const userOf = (state: TeamsState, id: string): TeamsUser | undefined =>
  state.users.get(id.replace(/^(29:|8:orgid:)/, ''))

/** Which method of the connector a path is, for `fail` and `calls`. */
export const methodOf = (verb: string, path: string): string => {
  if (path.includes('/oauth2/v2.0/token')) return 'token'
  if (path.includes('openidconfiguration')) return 'openid'
  if (path.endsWith('/keys')) return 'keys'
  const rest = path.replace(/^.*\/v3\//, '')
  if (/^conversations\/?$/.test(rest)) return 'create'
  if (/^conversations\/[^/]+\/(paged)?members/.test(rest)) return 'members'
  if (/^conversations\/[^/]+\/activities/.test(rest))
    return verb === 'PUT' ? 'update' : verb === 'DELETE' ? 'delete' : 'send'
  if (/^teams\//.test(rest)) return 'team'
  return rest
}

type StreamInfo = { type: string; streamType?: string; streamId?: string; streamSequence?: number }

/** The rules of a stream that a server checks: one id, growing numbers, and text that begins with what was shown. */
const streamFault = (state: TeamsState, info: StreamInfo, activity: Json): string | undefined => {
  const before = state.typing.filter(({ activity: { entities } }) =>
    (entities as StreamInfo[] | undefined)?.some((each) => each.streamSequence !== undefined),
  )
  const last = info.streamId === undefined ? undefined : before.at(-1)?.activity
  if (info.streamId !== undefined && !last) return 'ContentStreamSequenceOrderPreConditionFailed'
  if (last && !String(activity.text).startsWith(String(last.text))) return 'BadRequest'
  return undefined
}

const post = (state: TeamsState, conversation: string, activity: Json, replyToId?: string): Result => {
  const order = state.next()
  const info = (activity.entities as StreamInfo[] | undefined)?.find((each) => each.type === 'streaminfo')
  const wrong = info && streamFault(state, info, activity)
  if (wrong) return { status: 400, body: { error: { code: wrong, message: 'a rule of streams' } } }
  const id = info?.streamId ?? `${Date.now()}${String(order).padStart(5, '0')}`
  if (activity.type === 'typing') state.typing.push({ conversation, activity, order })
  else state.messages.push({ conversation, id, activity, replyToId, order, updates: 0 })
  return { status: 201, body: { id } }
}

const create = (state: TeamsState, body: Json): Result => {
  const channelData = body.channelData as { channel?: { id?: string } } | undefined
  const channel = channelData?.channel?.id
  if (channel) {
    const first = post(state, channel, (body.activity ?? {}) as Json)
    const activityId = (first.body as Json).id as string
    const message = state.messages.find((each) => each.id === activityId)
    const id = `${channel};messageid=${activityId}`
    if (message) message.conversation = id
    state.conversations.set(id, body)
    return { status: 201, body: { id, activityId } }
  }
  const [member] = (body.members ?? []) as { id?: string }[]
  const user = member?.id ? userOf(state, member.id) : undefined
  if (!user) return notFound('MemberNotFound')
  if (user.reachable === false)
    return {
      status: 403,
      body: { error: { code: 'BotNotInConversationRoster', message: 'The bot is not installed for them.' } },
    }
  const id = personalOf(user.id)
  state.conversations.set(id, body)
  if (body.activity) post(state, id, body.activity as Json)
  return { status: 201, body: { id } }
}

/** Performs what a call to the connector asks for; `path` is without the server. */
export const callConnector = (state: TeamsState, verb: string, path: string, body: Json): Result => {
  const parts = path
    .replace(/^.*\/v3\//, '')
    .replace(/\?.*$/, '')
    .split('/')
    .map(decodeURIComponent)
  const [area, conversation = '', kind, id] = parts
  if (area === 'teams') return { status: 200, body: { id: conversation, name: 'A team' } }
  if (area !== 'conversations') return notFound('ServiceError')
  if (!conversation) return create(state, body)
  if (kind === 'members' && id) {
    const user = userOf(state, id)
    return user ? { status: 200, body: accountOf(state, user) } : notFound('MemberNotFoundInConversation')
  }
  if (kind === 'members')
    return { status: 200, body: [...state.users.values()].map((each) => accountOf(state, each)) }
  if (kind === 'pagedmembers')
    return { status: 200, body: { members: [...state.users.values()].map((each) => accountOf(state, each)) } }
  if (kind !== 'activities') return notFound('ServiceError')
  if (verb === 'POST') return post(state, conversation, body, id)
  const message = state.messages.find((each) => each.id === id && !each.deleted)
  if (!message) return notFound('ActivityNotFoundInConversation')
  if (verb === 'DELETE') message.deleted = true
  else {
    message.activity = body
    message.updates += 1
  }
  return { status: 200, body: { id: message.id } }
}
