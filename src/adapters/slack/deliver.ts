import type { WebClient } from '@slack/web-api'
import { createExpiring } from '../../core/expiring.ts'
import type { Logger } from '../../log.ts'
import type { Card, Form } from '../../messages/card.ts'
import type { DeliveryResult, Outgoing, Receipt, Route, WorkspaceRef } from '../../ports/platform.ts'
import { failureOf, orAborted, slackCode } from './failure.ts'
import { lookUp, metadataType } from './look-up.ts'
import { modal } from './modal.ts'
import { openChannel } from './open-channel.ts'
import { isBlockFault, onlyText, type Rendered, rendered } from './rendered.ts'
import { respond } from './respond.ts'
import { callbackId, type Origin } from './translate.ts'

/** One delivery under way. */
type Sending = { client: WebClient; workspace: WorkspaceRef; outgoing: Outgoing; signal: AbortSignal }

const usedTriggers = new Set(['exchanged_trigger_id', 'trigger_exchanged'])

const originOf = (route: Route): Origin => {
  switch (route.type) {
    case 'channel':
      return { channel: route.channel, thread: route.thread }
    case 'person':
      return {}
    case 'ephemeral':
      return { channel: route.channel, thread: route.thread }
    case 'response':
      return { channel: route.channel, url: route.url }
  }
}

export const createDeliver = (options: {
  clientOf: (workspace: WorkspaceRef) => WebClient | undefined
  mayRespond: (url: string) => boolean
  log: Logger
}) => {
  const conversations = createExpiring<string>({ most: 10_000, milliseconds: 24 * 60 * 60_000 })

  const conversationWith = (client: WebClient, workspace: WorkspaceRef, user: string): Promise<string> =>
    conversations.get(`${workspace.externalId} ${user}`, async () => {
      const opened = await client.conversations.open({ users: user })
      const id = opened.channel?.id
      if (!id) throw new Error('conversations.open named no channel')
      return id
    })

  /** Sends, and sends the plain words where Slack refuses the blocks. Nothing more is sent once it is aborted. */
  const send = async <T>(
    { outgoing, signal }: Sending,
    card: Card,
    call: (message: Rendered) => Promise<T>,
  ): Promise<T> => {
    const message = rendered(card, outgoing, options.log)
    signal.throwIfAborted()
    try {
      return await call(message)
    } catch (error) {
      if (!isBlockFault(slackCode(error))) throw error
      const { reason } = failureOf(error)
      options.log.error({ reason, delivery: outgoing.id }, 'Slack refused the blocks of a card: sent as text')
      signal.throwIfAborted()
      return await call(onlyText(card))
    }
  }

  const post = async (
    sending: Sending,
    place: { channel: string; thread?: string },
    card: Card,
  ): Promise<DeliveryResult> => {
    const { client, outgoing } = sending
    if (outgoing.uncertain) {
      const earlier = await earlierTry(client, place, outgoing.id)
      if (earlier) return earlier
    }
    const posted = await send(sending, card, (message) =>
      client.chat.postMessage({
        channel: place.channel,
        thread_ts: place.thread,
        ...message,
        unfurl_links: false,
        unfurl_media: false,
        metadata: { event_type: metadataType, event_payload: { id: outgoing.id } },
      }),
    )
    if (!posted.ts) throw new Error('chat.postMessage named no message')
    const receipt = { channel: posted.channel ?? place.channel, message: posted.ts, thread: place.thread }
    return { ok: true, receipt }
  }

  /** Where looking is not possible at all, a duplicate beats a message that never came. */
  const earlierTry = async (
    client: WebClient,
    place: { channel: string; thread?: string },
    id: string,
  ): Promise<DeliveryResult | undefined> => {
    try {
      const receipt = await lookUp(client, place, id)
      return receipt && { ok: true, receipt }
    } catch (error) {
      const failure = failureOf(error)
      if (failure.retry) return { ...failure, uncertain: true }
      options.log.warn({ reason: failure.reason, delivery: id }, 'An earlier try could not be looked up')
      return undefined
    }
  }

  const toPerson = async (sending: Sending, user: string, card: Card): Promise<DeliveryResult> => {
    const { client, workspace } = sending
    const channel = await conversationWith(client, workspace, user)
    const result = await post(sending, { channel }, card).catch(failureOf)
    if (!result.ok && !result.retry) conversations.drop(`${workspace.externalId} ${user}`)
    return result
  }

  const toResponse = async (
    { outgoing, signal }: Sending,
    url: string,
    card: Card,
  ): Promise<DeliveryResult> => {
    if (!options.mayRespond(url))
      return { ok: false, retry: false, reason: "The address is not Slack's", gone: 'response' }
    const say = (message: Rendered) =>
      respond(url, { ...message, unfurl_links: false, unfurl_media: false }, signal)
    const { code, ...result } = await say(rendered(card, outgoing, options.log))
    return isBlockFault(code) ? say(onlyText(card)) : result
  }

  const sendCard = async (sending: Sending, card: Card): Promise<DeliveryResult> => {
    const { client, outgoing } = sending
    const { route } = outgoing
    switch (route.type) {
      case 'channel':
        return post(sending, route, card)
      case 'person':
        return toPerson(sending, route.user, card)
      case 'response':
        return toResponse(sending, route.url, card)
      case 'ephemeral': {
        const { channel, user, thread } = route
        await send(sending, card, (message) =>
          client.chat.postEphemeral({ channel, user, thread_ts: thread, ...message }),
        )
        return { ok: true }
      }
    }
  }

  const update = async (sending: Sending, receipt: Receipt, card: Card): Promise<DeliveryResult> => {
    const { channel, message: ts } = receipt
    // Without `parse` an update reads names and addresses into its text (docs.slack.dev/reference/methods/chat.update).
    await send(sending, card, (message) =>
      sending.client.chat.update({ channel, ts, parse: 'none', ...message }),
    )
    return { ok: true, receipt }
  }

  const openForm = async ({ client, outgoing }: Sending, trigger: string, form: Form) => {
    let view: ReturnType<typeof modal>
    try {
      const privateMetadata = JSON.stringify(originOf(outgoing.route))
      view = modal(form, { callbackId: callbackId(form.operation), privateMetadata })
    } catch (error) {
      options.log.error({ err: error, delivery: outgoing.id }, 'A form could not be rendered for Slack')
      return { ok: false, retry: false, reason: 'The form does not fit into a dialog of Slack' } as const
    }
    try {
      await client.views.open({ trigger_id: trigger, view })
      return { ok: true } as const
    } catch (error) {
      // A trigger opens one dialog: an earlier try, whose answer was lost, has opened it.
      if (outgoing.uncertain && usedTriggers.has(slackCode(error) ?? '')) return { ok: true } as const
      throw error
    }
  }

  const attempt = (sending: Sending): Promise<DeliveryResult> => {
    const { content } = sending.outgoing
    switch (content.type) {
      case 'card':
        return sendCard(sending, content.card)
      case 'update':
        return update(sending, content.message, content.card)
      case 'form':
        return openForm(sending, content.trigger, content.form)
      case 'open_channel':
        return openChannel({ ...sending, log: options.log }, content)
      case 'event':
        return Promise.resolve({ ok: false, retry: false, reason: 'People are told, not sent events' })
    }
  }

  return async (
    workspace: WorkspaceRef,
    outgoing: Outgoing,
    signal: AbortSignal,
  ): Promise<DeliveryResult> => {
    const client = options.clientOf(workspace)
    if (!client) return { ok: false, retry: false, reason: 'No token is known for this Slack workspace' }
    try {
      return await orAborted(attempt({ client, workspace, outgoing, signal }), signal)
    } catch (error) {
      return failureOf(error)
    }
  }
}
