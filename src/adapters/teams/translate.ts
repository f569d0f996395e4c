/** Activities as Inbound: pure, so that another replica may do it again from what was stored. */
import type { Sender } from '../../chat/chat.ts'
import type { Inbound } from '../../chat/inbound.ts'
import type { ButtonAction } from '../../messages/card.ts'
import { isDirect, type TeamsActivity, userOf } from './activity.ts'
import { buttonShape } from './button.ts'
import { mentionsBot, messageText } from './message-text.ts'
import { splitConversation } from './places.ts'

/** Who and where; an answer goes to where it was said, in its thread. */
export const senderOf = (activity: TeamsActivity): Sender => {
  const { from, conversation, channelData } = activity
  const user = userOf(activity)
  const direct = isDirect(activity)
  const { conversation: channel, thread } = splitConversation(conversation.id)
  const tenant = conversation.tenantId ?? channelData?.tenant?.id
  const elsewhere = from.tenantId && tenant && from.tenantId.toLowerCase() !== tenant.toLowerCase()
  const program = from.role === 'bot' || from.role === 'skill' || from.id.startsWith('28:')
  return {
    user,
    foreign: elsewhere || program || undefined,
    place: {
      channel,
      thread,
      direct,
      // A channel that is shared with other teams may have people of another organisation in it.
      sharedOutside: channelData?.channel?.type?.toLowerCase() === 'shared' || undefined,
    },
    reply: direct
      ? { type: 'person', user }
      : { type: 'channel', channel, thread: thread ?? rootOf(activity) },
  }
}

/** A channel's message without a thread begins one; a group chat has no threads. */
const rootOf = ({ conversation, id }: TeamsActivity): string | undefined =>
  conversation.conversationType === 'channel' ? (id ?? undefined) : undefined

/** In a personal chat all is for the bot; elsewhere what mentions it. What a program said is for nobody. */
export const isForUs = (activity: TeamsActivity): boolean =>
  activity.type === 'message' &&
  activity.from.id !== activity.recipient.id &&
  (isDirect(activity) || mentionsBot(activity) || submitted(activity) !== undefined)

/** A card's plain submit button comes as a message without text. */
const submitted = (activity: TeamsActivity): ButtonAction | undefined =>
  activity.text ? undefined : buttonShape.safeParse(activity.value).data?.action

export const fromMessage = (activity: TeamsActivity): Inbound | undefined => {
  if (!isForUs(activity)) return undefined
  const action = submitted(activity)
  if (action) return fromAction(activity, action)
  return {
    kind: 'message',
    text: messageText(activity),
    message: activity.id ?? '',
    ...senderOf(activity),
  }
}

/** A button pressed: `message` is the card's. */
export const fromAction = (
  activity: TeamsActivity,
  action: ButtonAction,
): Extract<Inbound, { kind: 'action' }> => {
  const sender = senderOf(activity)
  const { channel, thread } = sender.place
  const message = activity.replyToId ? { channel, message: activity.replyToId, thread } : undefined
  return { kind: 'action', action, message, ...sender }
}
