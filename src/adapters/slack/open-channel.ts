import type { WebClient } from '@slack/web-api'
import type { Logger } from '../../log.ts'
import { shorten } from '../../messages/shorten.ts'
import type { Content, DeliveryResult, Outgoing } from '../../ports/platform.ts'
import { failureOf, slackCode } from './failure.ts'
import { notBefore } from './look-up.ts'
import { escapedSize, escapeText } from './rich-text.ts'

type Wanted = Extract<Content, { type: 'open_channel' }>
type Opening = { client: WebClient; outgoing: Outgoing; signal: AbortSignal; log: Logger }
type Channel = { id: string; name: string }

/** docs.slack.dev/reference/methods/conversations.create and conversations.setTopic. */
const mostName = 80
const mostTopic = 250
const mostNames = 9
const scope = 'channels:manage'

/** A public channel with its topic and its people. Once it is there, what Slack refuses of these two is only logged. */
export const openChannel = async (opening: Opening, wanted: Wanted): Promise<DeliveryResult> => {
  const { client, signal } = opening
  const channel = await create(opening, wanted.name).catch((error: unknown) => {
    const code = slackCode(error)
    if (code !== 'missing_scope') return failureOf(error)
    return { ok: false, retry: false, reason: `Slack refused it: ${code} (${scope})` } as const
  })
  if ('ok' in channel) return channel
  await unlessRefused(opening, 'topic', () =>
    client.conversations.setTopic({ channel: channel.id, topic: topicOf(wanted.topic) }),
  )
  signal.throwIfAborted()
  // One call for all: with `force`, those who cannot be invited keep nobody else out.
  if (wanted.users.length)
    await unlessRefused(opening, 'people', () =>
      client.conversations.invite({ channel: channel.id, users: wanted.users.join(','), force: true }),
    )
  return { ok: true, receipt: { channel: channel.id, message: '', name: channel.name } }
}

/** The first name that is free; after a try whose answer was lost, also one that this try has left. */
const create = async (opening: Opening, base: string): Promise<Channel> => {
  const { client, outgoing, signal } = opening
  const left = outgoing.uncertain ? await ownSince(opening) : []
  for (let number = 1; ; number += 1) {
    const name = numbered(base, number)
    const earlier = left.find((channel) => channel.name === name)
    if (earlier) return earlier
    signal.throwIfAborted()
    try {
      const { channel } = await client.conversations.create({ name, is_private: false })
      if (!channel?.id) throw new Error('conversations.create named no channel')
      return { id: channel.id, name: channel.name ?? name }
    } catch (error) {
      if (slackCode(error) !== 'name_taken' || number === mostNames) throw error
      opening.log.debug({ delivery: outgoing.id, name }, 'A channel of that name stands already')
    }
  }
}

const numbered = (base: string, number: number): string => {
  const end = number > 1 ? `-${number}` : ''
  return `${base.slice(0, mostName - end.length).replace(/-+$/, '')}${end}`
}

/** The channels that the bot has made since this delivery was written. Where they cannot be listed, another is made. */
const ownSince = async ({ client, outgoing, log }: Opening): Promise<Channel[]> => {
  const since = Number(notBefore(outgoing.id) ?? Number.POSITIVE_INFINITY)
  try {
    const { user_id: bot } = await client.auth.test()
    const own: Channel[] = []
    let cursor: string | undefined
    do {
      const found = await client.users.conversations({
        types: 'public_channel',
        exclude_archived: true,
        limit: 200,
        cursor,
      })
      for (const { id, name, creator, created } of found.channels ?? [])
        if (id && name && creator === bot && (created ?? 0) >= since) own.push({ id, name })
      cursor = found.response_metadata?.next_cursor || undefined
    } while (cursor)
    return own
  } catch (error) {
    const failure = failureOf(error)
    if (failure.retry) throw error
    log.warn({ reason: failure.reason, delivery: outgoing.id }, 'An earlier try could not be looked up')
    return []
  }
}

const unlessRefused = async (
  { outgoing, log }: Opening,
  what: string,
  call: () => Promise<unknown>,
): Promise<void> => {
  try {
    await call()
  } catch (error) {
    const { reason } = failureOf(error)
    log.warn({ reason, delivery: outgoing.id }, `An incident's channel has not got its ${what}`)
  }
}

const topicOf = (text: string): string => escapeText(shorten(text, mostTopic, escapedSize))
