/**
 * What of Microsoft's Activity is read: learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference.
 * Everything else passes through as it came; what is read has the right type or the activity is refused.
 */
import { z } from 'zod'

/** Postgres stores neither a NUL nor half a surrogate pair, and no id of Microsoft's has either. */
const storable = (text: string): boolean => !text.includes('\0') && text.isWellFormed()

/** Conversation ids of channels with threads come near 200 characters. */
const id = z.string().min(1).max(500).refine(storable)
const optionalId = z.string().max(500).refine(storable).nullish()

const account = z.looseObject({
  id,
  name: z.string().max(500).nullish(),
  aadObjectId: optionalId,
  role: z.string().max(50).nullish(),
  tenantId: optionalId,
})

export const activityShape = z.looseObject({
  type: z.string().min(1).max(100),
  id: optionalId,
  channelId: z.string().min(1).max(100),
  serviceUrl: z.string().min(1).max(1000).refine(storable),
  from: account,
  recipient: account,
  conversation: z.looseObject({
    id,
    conversationType: z.string().max(50).nullish(),
    isGroup: z.boolean().nullish(),
    tenantId: optionalId,
  }),
  channelData: z
    .looseObject({
      tenant: z.looseObject({ id: optionalId }).nullish(),
      channel: z.looseObject({ id: optionalId, type: z.string().max(50).nullish() }).nullish(),
      team: z.looseObject({ id: optionalId }).nullish(),
    })
    .nullish(),
  name: z.string().max(200).nullish(),
  text: z.string().nullish(),
  replyToId: optionalId,
  entities: z.array(z.unknown()).max(500).nullish(),
  action: z.string().max(100).nullish(),
})

export type TeamsActivity = z.infer<typeof activityShape>

/** The person, by the id that their organisation gives them; a guest of the conversation may have none. */
export const userOf = ({ from }: TeamsActivity): string => from.aadObjectId || from.id

/** A chat of two people, in which the composer was used, may call itself personal: others read there. */
const ofPeople = /@unq\.gbl\.spaces$|@thread\./

export const isDirect = ({ conversation }: TeamsActivity): boolean =>
  conversation.conversationType === 'personal' && !conversation.isGroup && !ofPeople.test(conversation.id)
