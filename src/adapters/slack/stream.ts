import { setTimeout } from 'node:timers/promises'
import type { WebClient } from '@slack/web-api'
import type { Logger } from '../../log.ts'
import type { Card } from '../../messages/card.ts'
import type { AnswerStream, Receipt } from '../../ports/platform.ts'
import { failureOf, slackCode } from './failure.ts'
import { escapeMarkdown } from './markdown.ts'
import { rendered } from './rendered.ts'

type Place = { channel: string; thread?: string; user: string }

/** One writer of a growing message: native streaming, or a message that is updated. */
type Writer = {
  receipt: Receipt
  /** `whole` is everything so far, `added` what is new. */
  write(whole: string, added: string): Promise<unknown>
  close(): Promise<unknown>
}

/** chat.update and chat.appendStream are spared: at most one a second. */
const everyMs = 1000
/** Enough to see it grow; the finished answer is rendered as a card. */
const mostShown = 3000
/** Slack takes 12,000 characters, and escaping can make five of one. */
const mostAppended = 2400

const growing = (text: string): Card => ({
  summary: text.slice(0, 150) || '…',
  blocks: [{ type: 'text', text: text.slice(0, mostShown) || '…' }],
})

const native = async (client: WebClient, team: string, place: Place, first: string): Promise<Writer> => {
  const { channel, thread, user } = place
  const started = await client.apiCall('chat.startStream', {
    channel,
    thread_ts: thread,
    markdown_text: escapeMarkdown(first),
    recipient_team_id: team,
    recipient_user_id: user,
  })
  const ts = (started as { ts?: string }).ts
  if (!ts) throw new Error('chat.startStream named no message')
  return {
    receipt: { channel, message: ts, thread },
    write: (_whole, added) =>
      client.chat.appendStream({ channel, ts, markdown_text: escapeMarkdown(added.slice(0, mostAppended)) }),
    close: () => client.chat.stopStream({ channel, ts }),
  }
}

const updated = async (client: WebClient, place: Place, first: string, show: Show): Promise<Writer> => {
  const { channel, thread } = place
  const message = show(growing(first))
  const unfurl = { unfurl_links: false, unfurl_media: false }
  const posted = await client.chat.postMessage({ channel, thread_ts: thread, ...message, ...unfurl })
  const ts = posted.ts
  if (!ts) throw new Error('chat.postMessage named no message')
  return {
    receipt: { channel, message: ts, thread },
    write: (whole) => client.chat.update({ channel, ts, parse: 'none', ...show(growing(whole)) }),
    close: async () => {},
  }
}

type Show = (card: Card) => ReturnType<typeof rendered>

/** Workspaces without the feature, and conversations where it is not offered, answer with one of many errors. */
const start = async (client: WebClient, team: string, place: Place, first: string, show: Show) => {
  try {
    return await native(client, team, place, first)
  } catch (error) {
    if (slackCode(error) === undefined) throw error
    return await updated(client, place, first, show)
  }
}

/** Starts with the first words, so that an answer that never comes leaves nothing behind. */
export const createStream = (client: WebClient, team: string, place: Place, log: Logger): AnswerStream => {
  const show: Show = (card) => rendered(card, { mentions: {}, id: 'stream' }, log)
  let whole = ''
  let sent = 0
  let writer: Writer | undefined
  let broken = false
  let work: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | undefined

  const flush = async () => {
    if (broken || sent === whole.length) return
    const now = whole
    try {
      if (!writer) writer = await start(client, team, place, now, show)
      else await writer.write(now, now.slice(sent))
      sent = now.length
    } catch (error) {
      const failure = failureOf(error)
      // A throttled step is made up for by the next one.
      if (writer && failure.retry) return
      broken = true
      log.warn({ reason: failure.reason }, 'An answer could not be streamed')
    }
  }
  const soon = () => {
    timer ??= globalThis.setTimeout(
      () => {
        timer = undefined
        work = work.then(flush)
      },
      writer ? everyMs : 0,
    )
  }

  return {
    append(text) {
      whole += text
      soon()
    },
    async finish(card) {
      clearTimeout(timer)
      await work
      if (!writer) return undefined
      const { receipt } = writer
      await writer.close().catch(() => {})
      const { channel, message: ts } = receipt
      const replace = () => client.chat.update({ channel, ts, parse: 'none', ...show(card) })
      try {
        await replace().catch(async (error: unknown) => {
          const failure = failureOf(error)
          if (!failure.retry) throw error
          await setTimeout(Math.min(failure.afterMs ?? everyMs, 3 * everyMs))
          await replace()
        })
        return receipt
      } catch (error) {
        log.warn({ reason: failureOf(error).reason }, 'A streamed answer could not be finished')
        // Half an answer beside the whole one would be read as two.
        await client.chat.delete({ channel, ts }).catch(() => {})
        return undefined
      }
    },
  }
}
