/** An answer that grows in a personal chat (learn.microsoft.com/microsoftteams, "Stream bot messages"). */
import { setTimeout } from 'node:timers/promises'
import type { Logger } from '../../log.ts'
import { inert } from '../../messages/adaptive-text.ts'
import type { Card } from '../../messages/card.ts'
import type { AnswerStream } from '../../ports/platform.ts'
import type { Answer } from './connector.ts'
import { failureOf } from './failure.ts'
import { type OutgoingActivity, rendered } from './render.ts'

/** What is sent into the one conversation; a message's id makes it a change of that message. */
export type Speak = {
  post(activity: OutgoingActivity): Promise<Answer>
  put(message: string, activity: OutgoingActivity): Promise<Answer>
  remove(message: string): Promise<Answer>
}

/** One writer of a growing message; `whole` is everything so far. */
type Writer = {
  message: string
  write(whole: string): Promise<Answer>
  close(whole: string): Promise<Answer>
}

/** Teams takes one request a second of a stream, and advises to spare it. */
const everyMs = 1_500
/** Enough to see it grow; the finished answer is a card. */
const mostShown = 3_000

/** The model's words are plain ones: no markup, no mention. */
const growing = (text: string) => ({ textFormat: 'plain', text: inert(text.slice(0, mostShown)) })

const streaming = (type: 'streaming' | 'final', streamSequence?: number, streamId?: string) => {
  const info = {
    streamType: type,
    ...(streamSequence !== undefined && { streamSequence }),
    ...(streamId !== undefined && { streamId }),
  }
  return { channelData: info, entities: [{ type: 'streaminfo', ...info }] }
}

const idIn = (answer: Answer): string | undefined =>
  answer.ok && typeof answer.body.id === 'string' && answer.body.id ? answer.body.id : undefined

const native = (speak: Speak, streamId: string): Writer => {
  let sequence = 1
  return {
    message: streamId,
    write(whole) {
      sequence += 1
      return speak.post({ type: 'typing', ...growing(whole), ...streaming('streaming', sequence, streamId) })
    },
    close: (whole) =>
      speak.post({ type: 'message', ...growing(whole), ...streaming('final', undefined, streamId) }),
  }
}

const updated = (speak: Speak, message: string): Writer => ({
  message,
  write: (whole) => speak.put(message, { type: 'message', ...growing(whole) }),
  close: async () => ({ ok: true, body: {} }),
})

/** Where streams are not offered (another client, a government cloud), it is one message that is changed. */
const start = async (speak: Speak, first: string): Promise<{ writer?: Writer; answer: Answer }> => {
  const streamed = await speak.post({ type: 'typing', ...growing(first), ...streaming('streaming', 1) })
  const streamId = idIn(streamed)
  if (streamId) return { writer: native(speak, streamId), answer: streamed }
  if (!streamed.ok && failureOf(streamed.fault).retry) return { answer: streamed }
  const posted = await speak.post({ type: 'message', ...growing(first) })
  const message = idIn(posted)
  return { answer: posted, ...(message !== undefined && { writer: updated(speak, message) }) }
}

/** Starts with the first words, so that an answer that never comes leaves nothing behind. */
export const createStream = (speak: Speak, conversation: string, log: Logger): AnswerStream => {
  let whole = ''
  let sent = ''
  let writer: Writer | undefined
  let begun = false
  let broken = false
  let work: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | undefined

  const flush = async () => {
    const now = whole.slice(0, mostShown)
    if (broken || now === sent || !now.trim()) return
    const step = writer ? { writer, answer: await writer.write(now) } : await start(speak, now)
    writer = step.writer
    if (step.answer.ok && writer) {
      sent = now
      return
    }
    const failure = step.answer.ok ? undefined : failureOf(step.answer.fault)
    // A throttled step is made up for by the next one.
    if (writer && failure?.retry) return
    broken = true
    log.warn({ reason: failure?.reason }, 'An answer could not be streamed')
  }
  const soon = () => {
    timer ??= globalThis.setTimeout(
      () => {
        timer = undefined
        work = work.then(flush)
      },
      begun ? everyMs : 0,
    )
    begun = true
  }
  const twice = async (call: () => Promise<Answer>): Promise<Answer> => {
    const answer = await call()
    if (answer.ok) return answer
    const failure = failureOf(answer.fault)
    if (!failure.retry) return answer
    await setTimeout(Math.min(failure.afterMs ?? everyMs, 2 * everyMs))
    return call()
  }

  return {
    append(text) {
      whole += text
      soon()
    },
    async finish(card: Card) {
      clearTimeout(timer)
      await work
      const open = writer
      if (!open) return undefined
      // What a stream ends with must begin with what it showed.
      const closed = await twice(() => open.close(whole))
      const message = idIn(closed) ?? open.message
      const activity = rendered(card, { mentions: {}, id: 'stream' }, log)
      const replaced = closed.ok
        ? await twice(() => speak.put(message, { ...activity, id: message }))
        : closed
      if (replaced.ok) return { channel: conversation, message }
      log.warn({ reason: failureOf(replaced.fault).reason }, 'A streamed answer could not be finished')
      // Half an answer beside the whole one would be read as two.
      const removed = await speak.remove(message)
      if (!removed.ok) log.warn({ reason: failureOf(removed.fault).reason }, 'Half an answer stays')
      return undefined
    },
  }
}
