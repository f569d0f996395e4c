import type { Card } from '../../messages/card.ts'

/** A sample person whom one can be in the console; `user` is the platform's id of them, for example `ida`. */
export type ConsolePerson = { user: string; name: string; title: string }
export type ConsoleChannel = { channel: string; name: string }

export type ConsoleMessage = {
  /** The delivery's id for what the bot sent, made from the sender's event for what people said. */
  id: string
  /** Messages stand in this order, whenever they were stored. */
  order: number
  channel: string
  thread?: string
  /** Nobody: the bot itself. */
  from?: { user: string; name: string }
  at: string
  edited?: string
  /** Only this user sees it. */
  for?: string
  body: { type: 'text'; text: string } | { type: 'card'; card: Card; mentions: Record<string, string> }
}

const directPrefix = 'direct:'

/** Everyone's own conversation with the bot is a channel that nobody else reads. */
export const directChannel = (user: string): string => directPrefix + user

export const isDirect = (channel: string): boolean => channel.startsWith(directPrefix)

export const mayRead = (channel: string, user: string): boolean =>
  !isDirect(channel) || channel === directChannel(user)

export const maySee = (message: Pick<ConsoleMessage, 'channel' | 'for'>, user: string): boolean =>
  mayRead(message.channel, user) && (message.for === undefined || message.for === user)
