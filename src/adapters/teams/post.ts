import type { DeliveryResult, Outgoing, WorkspaceRef } from '../../ports/platform.ts'
import type { Answer, Connector } from './connector.ts'
import { codeOf, failureOf } from './failure.ts'
import { isChannel, joinConversation, type Places, splitConversation } from './places.ts'
import type { OutgoingActivity } from './render.ts'

/** One delivery under way. */
export type Sending = { workspace: WorkspaceRef; outgoing: Outgoing; signal: AbortSignal }

/** A card's two forms, the second for where Teams refuses the first. */
export type Message = { full: OutgoingActivity; plain: OutgoingActivity }

const cardFaults = new Set(['BadSyntax', 'BadArgument', 'BadRequest', 'InvalidCard', 'MessageSizeTooBig'])

/** Sends, and sends the plain words where Teams refuses the card. */
export const withFallback = async (
  message: Message,
  send: (activity: OutgoingActivity) => Promise<Answer>,
  onRefused: (reason: string) => void,
): Promise<Answer> => {
  const answer = await send(message.full)
  if (answer.ok) return answer
  const { status } = answer.fault
  if ((status !== 400 && status !== 413) || !cardFaults.has(codeOf(answer.fault) ?? 'BadRequest'))
    return answer
  onRefused(failureOf(answer.fault).reason)
  return send(message.plain)
}

/**
 * Posts into a conversation. A new thread of a channel is a conversation of its own, made with its first message
 * (learn.microsoft.com/microsoftteams, "Send proactive messages"); its id is behind `;messageid=`.
 */
export const createPost =
  (options: { connector: Connector; places: Places; tenantOf: (workspace: WorkspaceRef) => string }) =>
  async (
    { workspace, outgoing, signal }: Sending,
    place: { channel: string; thread?: string },
    message: Message,
    onRefused: (reason: string, delivery: string) => void,
  ): Promise<DeliveryResult> => {
    const { connector, places } = options
    const { conversation, thread = place.thread } = splitConversation(place.channel)
    const serviceUrl = await places.serviceUrl(workspace, conversation)
    const begins = isChannel(conversation) && !thread
    const send = (activity: OutgoingActivity) =>
      begins
        ? connector({
            serviceUrl,
            method: 'POST',
            path: ['conversations'],
            body: {
              isGroup: true,
              channelData: { channel: { id: conversation } },
              tenantId: options.tenantOf(workspace),
              activity,
            },
            signal,
          })
        : connector({
            serviceUrl,
            method: 'POST',
            path: ['conversations', joinConversation(conversation, thread), 'activities'],
            body: activity,
            signal,
          })
    const answer = await withFallback(message, send, (reason) => onRefused(reason, outgoing.id))
    if (!answer.ok) return failureOf(answer.fault)
    const { id, activityId } = answer.body
    const posted = begins
      ? (activityId ?? (typeof id === 'string' ? splitConversation(id).thread : undefined))
      : id
    // Taken, although nobody says where it stands: sent again it would stand twice.
    if (typeof posted !== 'string' || !posted) return { ok: true }
    return { ok: true, receipt: { channel: conversation, message: posted, ...(thread && { thread }) } }
  }
