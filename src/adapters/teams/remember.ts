/** Where the bot may speak, kept from every activity and dropped when the bot is removed. */
import { z } from 'zod'
import type { ConversationReference } from '../../core/conversation-references.ts'
import type { WorkspaceRef } from '../../ports/platform.ts'
import { isDirect, type TeamsActivity, userOf } from './activity.ts'
import { isChannel, type Places, splitConversation } from './places.ts'

const membersShape = z.array(z.looseObject({ id: z.string() })).max(5000)

/** The bot left a conversation, or a team with all its channels. */
const botLeft = (activity: TeamsActivity): boolean => {
  if (activity.type === 'installationUpdate') return activity.action?.startsWith('remove') ?? false
  if (activity.type !== 'conversationUpdate') return false
  const removed = membersShape.safeParse(activity.membersRemoved).data ?? []
  return removed.some(({ id }) => id === activity.recipient.id)
}

const typeOf = (activity: TeamsActivity): ConversationReference['type'] => {
  if (isDirect(activity)) return 'personal'
  const { conversationType, id } = activity.conversation
  return conversationType === 'channel' || isChannel(splitConversation(id).conversation)
    ? 'channel'
    : 'groupChat'
}

export const remember = async (
  places: Places,
  workspace: WorkspaceRef,
  activity: TeamsActivity,
): Promise<void> => {
  const team = activity.channelData?.team?.id ?? undefined
  const { conversation } = splitConversation(activity.conversation.id)
  if (botLeft(activity)) return places.forget(workspace, team ? { team } : { conversation })
  const type = typeOf(activity)
  const user = activity.from.aadObjectId ?? undefined
  const reference: ConversationReference = {
    conversation,
    type,
    serviceUrl: activity.serviceUrl,
    ...(type === 'personal' && { user: userOf(activity) }),
    ...(team && { team }),
  }
  await places.remember(workspace, reference, user)
}
