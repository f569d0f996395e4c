/** People in Teams: what they type, press and submit reaches the app as Microsoft would send it, signed. */
import { channelUser, type Json, personalOf, type TeamsMessage, type TeamsState } from './teams-connector.ts'
import type { Issuer, TokenChange } from './teams-issuer.ts'

/** Something sent, and the app's own HTTP answer to it. */
export type TeamsSent = {
  status: number
  /** Parsed where it is JSON, else the text. */
  body: unknown
  ms: number
  user: string
  conversation: string
  order: number
  activity: Json
}

/** A channel (with the root message of a thread), or a group chat; neither is the personal chat. */
export type TeamsPlace = { channel?: string; thread?: string; group?: string }

type Button = { type: string; title: string; verb?: string; data?: Json }

/** Every action of a card, wherever in it. */
export const actionsOf = (card: unknown): Button[] => {
  if (Array.isArray(card)) return card.flatMap(actionsOf)
  if (typeof card !== 'object' || card === null) return []
  const one = card as Json
  const own = typeof one.type === 'string' && one.type.startsWith('Action.') ? [one as Button] : []
  return [
    ...own,
    ...Object.entries(one).flatMap(([name, value]) => (name === 'data' ? [] : actionsOf(value))),
  ]
}

/** The card of an activity, or of an invoke's answer. */
export const cardIn = (from: unknown): Json | undefined => {
  const found = from as {
    attachments?: { contentType?: string; content?: Json }[]
    value?: Json
    type?: string
  }
  const attached = found?.attachments?.find((each) => each.contentType?.includes('card.adaptive'))?.content
  if (attached) return attached
  if (found?.type === 'AdaptiveCard') return found as Json
  const value = found?.value as (Json & { card?: { content?: Json } }) | undefined
  return (value?.card?.content as Json | undefined) ?? (value?.type === 'AdaptiveCard' ? value : undefined)
}

/** All words of a card, a line each. */
export const cardWords = (card: unknown): string => {
  const lines: string[] = []
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const each of value) walk(each)
      return
    }
    if (typeof value !== 'object' || value === null) return
    const { text, inlines, ...rest } = value as Json
    if (Array.isArray(inlines)) lines.push(inlines.map((run) => (run as Json).text ?? run).join(''))
    else if (typeof text === 'string') lines.push(text)
    for (const [name, inner] of Object.entries(rest)) if (!['data', 'msteams'].includes(name)) walk(inner)
  }
  walk(card)
  return lines.join('\n')
}

export const createTeamsPeople = (options: {
  state: TeamsState
  issuer: Issuer
  serviceUrl: () => string
  appId: string
}) => {
  const { state, issuer, serviceUrl } = options
  let appUrl = ''

  const accountOf = (user: string): Json => ({
    id: channelUser(user),
    name: state.users.get(user)?.name ?? 'Somebody',
    aadObjectId: user,
    role: 'user',
  })

  const conversationOf = (user: string, place: TeamsPlace): Json => {
    const tenantId = state.users.get(user)?.tenant ?? state.tenant
    if (place.channel) {
      const id = place.thread ? `${place.channel};messageid=${place.thread}` : place.channel
      return { id, conversationType: 'channel', isGroup: true, tenantId }
    }
    if (place.group) return { id: place.group, conversationType: 'groupChat', isGroup: true, tenantId }
    return { id: personalOf(user), conversationType: 'personal', tenantId }
  }

  /** What every activity has; `fields` says what kind it is. */
  const activityOf = (user: string, place: TeamsPlace, fields: Json): Json => {
    const tenant = state.users.get(user)?.tenant ?? state.tenant
    const conversation = conversationOf(user, place)
    return {
      id: `${Date.now()}${String(state.next()).padStart(5, '0')}`,
      timestamp: new Date().toISOString(),
      channelId: 'msteams',
      serviceUrl: serviceUrl(),
      from: accountOf(user),
      recipient: { id: `28:${options.appId}`, name: 'Tocsin' },
      conversation,
      locale: 'en-GB',
      entities: [{ type: 'clientInfo', locale: 'en-GB', country: 'GB', platform: 'Web' }],
      channelData: {
        tenant: { id: tenant },
        ...(place.channel && {
          teamsChannelId: place.channel,
          channel: { id: place.channel },
          team: { id: place.channel },
        }),
      },
      ...fields,
    }
  }

  /** Sends an activity; signed for its serviceUrl unless `token` is something else (null: none). */
  const send = async (
    activity: Json,
    { token, change }: { token?: string | null; change?: TokenChange } = {},
  ): Promise<TeamsSent> => {
    if (!appUrl) throw new Error('Say teams.connect(url of the app) first.')
    const order = state.next()
    const bearer = token === undefined ? await issuer.token(String(activity.serviceUrl), change) : token
    const started = performance.now()
    const response = await fetch(`${appUrl}/api/messages`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
      },
      body: JSON.stringify(activity),
    })
    const text = await response.text()
    const json = response.headers.get('content-type')?.includes('json') && text
    return {
      status: response.status,
      body: json ? (JSON.parse(text) as unknown) : text,
      ms: performance.now() - started,
      user: String((activity.from as Json | undefined)?.aadObjectId ?? ''),
      conversation: String((activity.conversation as Json | undefined)?.id ?? ''),
      order,
      activity,
    }
  }

  const invoke = (user: string, place: TeamsPlace, name: string, value: unknown, more: Json = {}) =>
    send(activityOf(user, place, { type: 'invoke', name, value, ...more }))

  /** Where a message of the bot stands, as a place of the one who sees it. */
  const placeOf = (message: TeamsMessage): TeamsPlace => {
    const [id = '', thread] = message.conversation.split(';messageid=')
    if (id.startsWith('a:')) return {}
    return id.includes('@thread.v2') ? { group: id } : { channel: id, thread }
  }

  const findButton = (card: unknown, title: string): Button => {
    const all = actionsOf(card)
    const found =
      all.find((each) => each.title === title) ??
      all.find((each) => each.verb === title) ??
      all.find((each) => each.title.startsWith(title))
    if (!found) throw new Error(`No button ${title}; there are: ${all.map((each) => each.title).join(', ')}`)
    return found
  }

  /** The value of an Action.Execute's invoke. */
  const executeValue = (button: Button, inputs: Json = {}, trigger = 'manual'): Json => ({
    action: { type: 'Action.Execute', verb: button.verb, data: { ...button.data, ...inputs } },
    trigger,
  })

  return {
    connect: (base: string) => {
      appUrl = base.replace(/\/$/, '')
    },
    activityOf,
    send,
    as: (user: string) => ({
      /** In a channel or group chat the bot is mentioned first, as it must be there. */
      say: (text: string, place: TeamsPlace = {}) => {
        const mention = {
          type: 'mention',
          text: '<at>Tocsin</at>',
          mentioned: { id: `28:${options.appId}`, name: 'Tocsin' },
        }
        const shared = place.channel || place.group
        const activity = activityOf(user, place, {
          type: 'message',
          textFormat: 'plain',
          text: shared ? `<at>Tocsin</at> ${text}` : text,
          ...(shared && { entities: [mention] }),
        })
        // The first message of a thread stands in the thread that it begins.
        if (place.channel && !place.thread)
          (activity.conversation as Json).id = `${place.channel};messageid=${String(activity.id)}`
        return send(activity)
      },
      /** Any message activity; `fields` as they are. */
      message: (fields: Json, place: TeamsPlace = {}) =>
        send(activityOf(user, place, { type: 'message', textFormat: 'plain', ...fields })),
      /** Presses a button of a message or of a card that an invoke answered, by its words. */
      click: (from: TeamsMessage | Json, title: string, inputs: Json = {}, where?: TeamsPlace) => {
        const message = 'conversation' in from && 'activity' in from ? (from as TeamsMessage) : undefined
        const button = findButton(message ? cardIn(message.activity) : (cardIn(from) ?? from), title)
        const place = where ?? (message ? placeOf(message) : {})
        const more = message ? { replyToId: message.id } : {}
        // A dialog is opened by a submit button that says task/fetch.
        if ((button.data?.msteams as Json | undefined)?.type === 'task/fetch')
          return invoke(
            user,
            place,
            'task/fetch',
            { data: { ...button.data, ...inputs }, context: { theme: 'default' } },
            more,
          )
        return invoke(user, place, 'adaptiveCard/action', executeValue(button, inputs), more)
      },
      /** Teams itself asks for this viewer's own view of a card, by the card's `refresh`. */
      refresh: (message: TeamsMessage) => {
        const refresh = cardIn(message.activity)?.refresh as { action?: Button } | undefined
        if (!refresh?.action) throw new Error('The card has no refresh.')
        const value = executeValue(refresh.action, {}, 'automatic')
        return invoke(user, placeOf(message), 'adaptiveCard/action', value, { replyToId: message.id })
      },
      fetchTask: (data: unknown, place: TeamsPlace = {}) =>
        invoke(user, place, 'task/fetch', { data, context: { theme: 'default' } }),
      /** Submits a dialog's card: what its button carries, and the fields. */
      submitTask: (card: unknown, fields: Json, place: TeamsPlace = {}) => {
        const button = actionsOf(card).find((each) => each.type === 'Action.Submit')
        const data = { ...button?.data, ...fields }
        return invoke(user, place, 'task/submit', { data, context: { theme: 'default' } })
      },
      query: (text: string, place: TeamsPlace = {}, commandId = 'searchIncidents') =>
        invoke(user, place, 'composeExtension/query', {
          commandId,
          parameters: [{ name: 'query', value: text }],
          queryOptions: { skip: 0, count: 25 },
        }),
      /** A message action: `messagePayload` is the message it was chosen on. */
      messageAction: (commandId: string, messagePayload: Json, place: TeamsPlace = {}) =>
        invoke(user, place, 'composeExtension/fetchTask', {
          commandId,
          commandContext: 'message',
          messagePayload,
          context: { theme: 'default' },
        }),
      submitAction: (commandId: string, data: Json, place: TeamsPlace = {}) =>
        invoke(user, place, 'composeExtension/submitAction', { commandId, commandContext: 'message', data }),
      invoke: (name: string, value: unknown, place: TeamsPlace = {}) => invoke(user, place, name, value),
      install: (action: 'add' | 'remove' = 'add', place: TeamsPlace = {}) =>
        send(activityOf(user, place, { type: 'installationUpdate', action })),
      /** The bot, or people, join or leave a conversation. */
      membership: (change: { added?: string[]; removed?: string[] }, place: TeamsPlace = {}) => {
        const accounts = (ids: string[] = []) =>
          ids.map((id) => (id === state.bot ? { id: `28:${options.appId}` } : accountOf(id)))
        return send(
          activityOf(user, place, {
            type: 'conversationUpdate',
            ...(change.added && { membersAdded: accounts(change.added) }),
            ...(change.removed && { membersRemoved: accounts(change.removed) }),
          }),
        )
      },
    }),
  }
}
