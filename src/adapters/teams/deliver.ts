import type { Logger } from '../../log.ts'
import type { Card } from '../../messages/card.ts'
import type { DeliveryResult, Outgoing, Profile, Receipt, Route, WorkspaceRef } from '../../ports/platform.ts'
import type { Connector } from './connector.ts'
import { failureOf } from './failure.ts'
import { joinConversation, type Places, splitConversation } from './places.ts'
import { createPost, type Message, type Sending, withFallback } from './post.ts'
import { onlyText, openFormCard, rendered } from './render.ts'

type Answered = Extract<Route, { type: 'ephemeral' | 'response' }>

/**
 * Teams looks no message up by an id of ours, so what an uncertain earlier try may have left is not looked for: a
 * duplicate beats a message that never came.
 */
export const createDeliver = (options: {
  connector: Connector
  places: Places
  profile: (workspace: WorkspaceRef, user: string) => Promise<Profile>
  appId: string
  log: Logger
}) => {
  const { connector, places, log } = options
  const tenantOf = (workspace: WorkspaceRef) => workspace.externalId
  const postTo = createPost({ connector, places, tenantOf })

  const refused = (reason: string, delivery: string) =>
    log.error({ reason, delivery }, 'Teams refused a card: sent as text')

  const messageOf = (card: Card, outgoing: Outgoing): Message => ({
    full: rendered(card, outgoing, log),
    plain: onlyText(card),
  })

  const post = (sending: Sending, place: { channel: string; thread?: string }, card: Card) =>
    postTo(sending, place, messageOf(card, sending.outgoing), refused)

  /** Of one person there is one personal chat, however often it is made. */
  const createPersonal = async (
    { workspace, signal }: Sending,
    user: string,
  ): Promise<{ conversation: string } | { failure: DeliveryResult }> => {
    const serviceUrl = await places.serviceUrl(workspace)
    const tenantId = tenantOf(workspace)
    const answer = await connector({
      serviceUrl,
      method: 'POST',
      path: ['conversations'],
      body: {
        isGroup: false,
        ...(options.appId && { bot: { id: `28:${options.appId}` } }),
        members: [{ id: user }],
        tenantId,
        channelData: { tenant: { id: tenantId } },
      },
      signal,
    })
    if (!answer.ok) return { failure: failureOf(answer.fault) }
    const { id } = answer.body
    if (typeof id !== 'string' || !id)
      return { failure: { ok: false, retry: true, reason: 'Teams named no conversation' } }
    await places.remember(workspace, { conversation: id, type: 'personal', serviceUrl, user })
    return { conversation: id }
  }

  const toPerson = async (sending: Sending, user: string, card: Card): Promise<DeliveryResult> => {
    const { workspace } = sending
    const known = await places.findPersonal(workspace, user)
    if (known) {
      const result = await post(sending, { channel: known.conversation }, card)
      if (result.ok || result.retry || result.gone !== 'channel') return result
      await places.forget(workspace, { conversation: known.conversation })
    }
    const made = await createPersonal(sending, user)
    return 'failure' in made ? made.failure : post(sending, { channel: made.conversation }, card)
  }

  /** A neutral line where the question was asked; that the answer has arrived does not hang on it. */
  const tell = async (sending: Sending, route: Answered, text: string): Promise<void> => {
    const thread = 'thread' in route ? route.thread : undefined
    const card: Card = { summary: text, blocks: [{ type: 'context', text }] }
    const told = await post(sending, { channel: route.channel, thread }, card)
    if (!told.ok) log.warn({ reason: told.reason, delivery: sending.outgoing.id }, 'A channel was not told')
  }

  const nameOf = async (workspace: WorkspaceRef, user: string): Promise<string | undefined> => {
    try {
      return (await options.profile(workspace, user)).name
    } catch (error) {
      log.warn({ err: error }, 'Teams could not be asked for a name')
      return undefined
    }
  }

  /** Channels have no message for one reader: it goes to their personal chat, and the channel is told so. */
  const privately = async (sending: Sending, route: Answered, card: Card): Promise<DeliveryResult> => {
    const { workspace } = sending
    const { conversation } = splitConversation(route.channel)
    const place = await places.find(workspace, conversation)
    if (place?.type === 'personal' && place.user === route.user) return post(sending, route, card)
    const result = await toPerson(sending, route.user, card)
    if (!result.ok && result.retry) return result
    const name = await nameOf(workspace, route.user)
    if (result.ok) await tell(sending, route, `Answered ${name ?? 'the asker'} privately.`)
    else {
      const whom = name ? `${name}, the answer` : 'The answer'
      const how = 'Add the bot in Teams under Apps, then ask again.'
      await tell(sending, route, `${whom} is for you alone and could not be sent to you. ${how}`)
    }
    return result
  }

  const sendCard = (sending: Sending, card: Card): Promise<DeliveryResult> => {
    const { route } = sending.outgoing
    switch (route.type) {
      case 'channel':
        return post(sending, route, card)
      case 'person':
        return toPerson(sending, route.user, card)
      case 'ephemeral':
      case 'response':
        return privately(sending, route, card)
    }
  }

  const update = async (sending: Sending, receipt: Receipt, card: Card): Promise<DeliveryResult> => {
    const { workspace, outgoing, signal } = sending
    const { conversation, thread = receipt.thread } = splitConversation(receipt.channel)
    const serviceUrl = await places.serviceUrl(workspace, conversation)
    const answer = await withFallback(
      messageOf(card, outgoing),
      (activity) =>
        connector({
          serviceUrl,
          method: 'PUT',
          path: ['conversations', joinConversation(conversation, thread), 'activities', receipt.message],
          body: { ...activity, id: receipt.message },
          signal,
        }),
      (reason) => refused(reason, outgoing.id),
    )
    return answer.ok ? { ok: true, receipt } : failureOf(answer.fault, 'message')
  }

  const attempt = async (sending: Sending): Promise<DeliveryResult> => {
    const { content } = sending.outgoing
    switch (content.type) {
      case 'card':
        return sendCard(sending, content.card)
      case 'update':
        return update(sending, content.message, content.card)
      case 'form':
        return sendCard(sending, openFormCard(content.form))
      case 'event':
        return { ok: false, retry: false, reason: 'People are told, not sent events' }
      case 'open_channel':
        return { ok: false, retry: false, reason: 'Tocsin opens no channels in Teams' }
    }
  }

  return async (
    workspace: WorkspaceRef,
    outgoing: Outgoing,
    signal: AbortSignal,
  ): Promise<DeliveryResult> => {
    try {
      return await attempt({ workspace, outgoing, signal })
    } catch (error) {
      // The connector answers what goes wrong at Teams: this is the database, where the conversations are.
      log.error({ err: error, delivery: outgoing.id }, 'A conversation could not be looked up')
      return { ok: false, retry: true, reason: 'Its conversation could not be looked up' }
    }
  }
}
