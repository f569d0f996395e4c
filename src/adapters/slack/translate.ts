/** Slack's payloads as Inbound: pure, so that another replica may do it again from what was stored. */
import { z } from 'zod'
import type { Inbound, Place } from '../../chat/inbound.ts'
import type { ButtonAction } from '../../messages/card.ts'
import type { Route, WorkspaceRef } from '../../ports/platform.ts'
import { addressedText, messageText } from './message-text.ts'
import { readSubmission } from './modal.ts'
import { isSpeech } from './request.ts'
import type {
  SlackAction,
  SlackCommand,
  SlackEvent,
  SlackShortcut,
  SlackSpeech,
  SlackSubmission,
} from './shapes.ts'

export type Reader = { workspace: WorkspaceRef; mayRespond: (url: string) => boolean }

const isDirect = (channel: string): boolean => channel.startsWith('D')

const record = z.record(z.string(), z.unknown())
const buttonAction: z.ZodType<ButtonAction> = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('perform'),
    operation: z.string().min(1).max(100),
    input: record,
    asOf: z.number().int().optional(),
  }),
  z.object({ type: z.literal('form'), form: z.string().min(1).max(100), values: record.optional() }),
  z.object({ type: z.literal('share'), answer: z.string().min(1).max(200) }),
])

/** What a form's modal keeps of where it was opened from, in its private metadata. */
const origin = z.object({
  channel: z.string().optional(),
  thread: z.string().optional(),
  url: z.string().optional(),
})
export type Origin = z.infer<typeof origin>

const json = (text: string | null | undefined): unknown => {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}

/**
 * Slack Connect: the sender's home team against ours. On a Grid the organisation is ours too, and its workspace
 * that the request came through. An unknown home says nothing: the profile decides then.
 */
const isForeign = (
  reader: Reader,
  home: string | null | undefined,
  organisation: string | null | undefined,
  team: string | null | undefined,
): true | undefined => {
  const ours = reader.workspace.externalId
  if (!home || home === ours || (organisation && home === organisation)) return undefined
  return organisation === ours && home === team ? undefined : true
}

const privately = (reader: Reader, url: string | null | undefined, channel: string, user: string): Route => {
  if (url && reader.mayRespond(url)) return { type: 'response', url, channel, user }
  return isDirect(channel) ? { type: 'person', user } : { type: 'ephemeral', channel, user }
}

export const fromCommand = (command: SlackCommand, reader: Reader): Inbound => ({
  kind: 'command',
  text: messageText(command.text).trim(),
  user: command.user_id,
  place: { channel: command.channel_id, direct: isDirect(command.channel_id) },
  reply: privately(reader, command.response_url, command.channel_id, command.user_id),
  trigger: command.trigger_id || undefined,
})

export const fromSpeech = (
  envelope: SlackEvent,
  speech: SlackSpeech,
  bot: string | undefined,
  reader: Reader,
): Inbound | undefined => {
  if (!isSpeech(envelope.event) || speech.user === bot) return undefined
  const thread = speech.thread_ts || undefined
  const direct = isDirect(speech.channel)
  const sharedOutside = envelope.is_ext_shared_channel || undefined
  const place: Place = { channel: speech.channel, thread, direct, sharedOutside }
  const home = speech.user_team || speech.source_team || speech.team
  const organisation = envelope.enterprise_id || envelope.authorizations?.[0]?.enterprise_id
  const reply: Route =
    direct && !thread
      ? { type: 'person', user: speech.user }
      : { type: 'channel', channel: speech.channel, thread: thread ?? speech.ts }
  return {
    kind: 'message',
    text: direct && !bot ? messageText(speech.text).trim() : addressedText(speech.text, bot),
    message: speech.ts,
    user: speech.user,
    foreign: isForeign(reader, home, organisation, envelope.team_id),
    place,
    reply,
  }
}

const foreignInteraction = (reader: Reader, data: SlackAction | SlackSubmission | SlackShortcut) =>
  isForeign(reader, data.user.team_id, data.enterprise?.id || data.team?.enterprise_id, data.team?.id)

export const fromAction = (data: SlackAction, reader: Reader): Inbound | undefined => {
  const action = buttonAction.safeParse(json(data.actions[0]?.value))
  if (!action.success) return undefined
  const user = data.user.id
  const channel = data.channel?.id || data.container?.channel_id || user
  const message = data.container?.message_ts || data.message?.ts
  const root = data.container?.thread_ts || data.message?.thread_ts || undefined
  // A message that has replies names itself as their root: it does not stand in a thread.
  const thread = root === message ? undefined : root
  return {
    kind: 'action',
    action: action.data,
    // An ephemeral message has no place that chat.update could reach.
    message: message && !data.container?.is_ephemeral ? { channel, message, thread } : undefined,
    user,
    foreign: foreignInteraction(reader, data),
    place: { channel, thread, direct: isDirect(channel) || channel === user },
    reply: channel === user ? { type: 'person', user } : privately(reader, data.response_url, channel, user),
    trigger: data.trigger_id || undefined,
  }
}

export const fromSubmission = (data: SlackSubmission, reader: Reader): Inbound | undefined => {
  const operation = operationOf(data.view.callback_id)
  if (!operation || json(data.view.private_metadata || '{}') === undefined) return undefined
  const { values, hidden, privateMetadata } = readSubmission(data.view)
  const { channel, thread, url } = origin.safeParse(json(privateMetadata)).data ?? {}
  const user = data.user.id
  return {
    kind: 'submission',
    operation,
    values,
    hidden,
    user,
    foreign: foreignInteraction(reader, data),
    place: { channel: channel ?? user, thread, direct: !channel || isDirect(channel) },
    reply: channel ? privately(reader, url, channel, user) : { type: 'person', user },
  }
}

/** From anywhere in Slack: as the bare command, in the sender's own conversation. */
export const fromShortcut = (data: SlackShortcut, reader: Reader): Inbound => ({
  kind: 'command',
  text: '',
  user: data.user.id,
  foreign: foreignInteraction(reader, data),
  place: { channel: data.user.id, direct: true },
  reply: { type: 'person', user: data.user.id },
  trigger: data.trigger_id || undefined,
})

const formPrefix = 'form:'
export const callbackId = (operation: string): string => formPrefix + operation
const operationOf = (id: string): string | undefined =>
  id.startsWith(formPrefix) ? id.slice(formPrefix.length) : undefined
