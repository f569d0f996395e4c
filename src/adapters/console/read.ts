/** What stands in the inbox for the console, and how it is read. The user in it is the session's, written by us. */
import { z } from 'zod'
import type { Inbound } from '../../chat/inbound.ts'
import type { Route } from '../../ports/platform.ts'
import { buttonAction } from './body.ts'
import { type ConsolePerson, directChannel } from './types.ts'

const common = {
  user: z.string(),
  channel: z.string(),
  thread: z.string().optional(),
  message: z.string(),
  /** The page it came from: a dialog opens there. */
  page: z.string(),
}
const payloadSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('message'), text: z.string(), ...common }),
  z.object({ type: z.literal('action'), action: buttonAction, ...common }),
])
export type ConsolePayload = z.infer<typeof payloadSchema>

export const readPayload = (
  payload: Record<string, unknown>,
  people: ConsolePerson[],
): Inbound | undefined => {
  const parsed = payloadSchema.safeParse(payload)
  if (!parsed.success) return undefined
  const { user, channel, thread, message } = parsed.data
  const direct = channel === directChannel(user)
  const base = {
    user,
    place: { channel, thread, direct },
    reply: privately(user, channel, thread),
    trigger: triggerOf(user, parsed.data.page),
  }
  if (parsed.data.type === 'action')
    return { ...base, kind: 'action', action: parsed.data.action, message: { channel, message, thread } }
  const said = heard(parsed.data.text, direct)
  if (!said) return undefined
  const text = withMentions(said.text, people)
  if (said.kind === 'command') return { ...base, kind: 'command', text }
  const reply: Route = direct ? base.reply : { type: 'channel', channel, thread: thread ?? message }
  return { ...base, kind: 'message', text, message, reply }
}

/** Where only the asker reads the answer. */
export const privately = (user: string, channel: string, thread?: string): Route =>
  channel === directChannel(user) ? { type: 'person', user } : { type: 'ephemeral', channel, user, thread }

/** Whether the bot reads a line, and as what; undefined for what people say to each other. */
export function heard(
  text: string,
  direct: boolean,
): { kind: 'command' | 'message'; text: string } | undefined {
  const command = /^\/(?:incident|inc)(?:\s+|$)/i.exec(text)
  if (command) return { kind: 'command', text: text.slice(command[0].length).trim() }
  const mention = /^@tocsin(?:[\s,:]+|$)/i.exec(text)
  if (mention) return { kind: 'message', text: text.slice(mention[0].length).trim() }
  return direct ? { kind: 'message', text } : undefined
}

const withMentions = (text: string, people: ConsolePerson[]): string =>
  text.replaceAll(/(?<![\p{L}\p{N}_.@<-])@([\p{L}\p{N}_.-]+)/gu, (written, name: string) => {
    const trimmed = name.replace(/[.-]+$/, '')
    const person = people.find(({ user }) => user.toLowerCase() === trimmed.toLowerCase())
    return person ? `<@${person.user}>${name.slice(trimmed.length)}` : written
  })

export const triggerOf = (user: string, page: string): string => `${user}:${page}`

export const readTrigger = (trigger: string): { user: string; page: string } => {
  const at = trigger.lastIndexOf(':')
  return { user: trigger.slice(0, at), page: trigger.slice(at + 1) }
}
