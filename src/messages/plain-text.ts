/** The card as words alone: for screen readers, notifications, e-mail and SMS. */
import type { Block, Button, Card, Span, Text } from './card.ts'
import { clean, shorten } from './shorten.ts'

/** `now`, an ISO instant, adds how long ago to the times that ask for it. */
export type Words = { now?: string }

export const spans = (text: Text): Span[] => (typeof text === 'string' ? [text] : text)

/** `14:02 UTC`; with `date`, `2026-01-05 14:02 UTC`. What is no instant is given back as it is. */
export const clock = (at: string, date = false): string => {
  const time = new Date(at)
  if (Number.isNaN(time.getTime())) return clean(at)
  const [day, hours] = time.toISOString().split('T') as [string, string]
  return `${date ? `${day} ` : ''}${hours.slice(0, 5)} UTC`
}

/** `12 min ago`, `in 3 h`, rounded as people say it. */
export const ago = (at: string, now: string): string => {
  const minutes = (Date.parse(now) - Date.parse(at)) / 60_000
  if (Number.isNaN(minutes)) return ''
  const size = Math.abs(minutes)
  if (size < 1) return 'just now'
  const length =
    size < 90
      ? `${Math.round(size)} min`
      : size < 36 * 60
        ? `${Math.round(size / 60)} h`
        : `${Math.round(size / 1440)} days`
  return minutes < 0 ? `in ${length}` : `${length} ago`
}

const spanWords = (span: Span, { now }: Words): string => {
  if (typeof span === 'string') return span
  switch (span.type) {
    case 'strong':
    case 'code':
      return span.text
    case 'person':
      return span.name
    case 'time': {
      const time = clock(span.at, span.style === 'date')
      const past = span.style === 'ago' && now ? ago(span.at, now) : ''
      return past ? `${time}, ${past}` : time
    }
    case 'link':
      return span.text === span.url ? span.url : `${span.text} (${span.url})`
  }
}

export const words = (text: Text, options: Words = {}): string =>
  clean(
    spans(text)
      .map((span) => spanWords(span, options))
      .join(''),
  )

/**
 * Whether no character of `text` means anything in Slack's mrkdwn or in Markdown: only then may people's words
 * stand in a field that is parsed. `IN_PROGRESS`, `:fire:`, `1. x` and addresses are not such words.
 */
export const plainWords = (text: string): boolean =>
  /^[\p{L}\p{M}\p{N}\p{Extended_Pictographic} .,;:!?()'’"%/+=·–—…-]*$/u.test(
    text.replace(/\u200d|\ufe0f/g, ''),
  ) && !/:[^\s:]+:|\/\/|www\.|^\s*(?:[-+=]|\d+[.)])/i.test(text)

const buttonLine = (buttons: Button[]): string =>
  buttons.map((button) => `[${clean(button.text).replaceAll('\n', ' ')}]`).join(' ')

const blockWords = (block: Block, options: Words): string => {
  switch (block.type) {
    case 'heading':
    case 'text':
    case 'context':
      return words(block.text, options)
    case 'facts':
      return block.facts.map((fact) => `${clean(fact.name)}: ${words(fact.value, options)}`).join('\n')
    case 'lines':
      return block.lines.map((line) => words(line, options)).join('\n')
    case 'code':
      return clean(block.text)
    case 'divider':
      return ''
    case 'buttons':
      return buttonLine(block.buttons)
  }
}

/** What a heading shares with the summary that says the same without its colours. */
const letters = (text: string): string => text.replace(/[^\p{L}\p{N}]/gu, '')

/** At most `limit` UTF-16 units; what does not fit is cut, marked, and the command for the whole is named. */
export const plainText = (card: Card, options: Words & { limit?: number } = {}): string => {
  const summary = clean(card.summary)
  const blocks = card.blocks.map((block) => blockWords(block, options))
  if (letters(blocks[0] ?? '') === letters(summary)) blocks.shift()
  const all = [summary, ...blocks, buttonLine(card.buttons ?? [])].filter((part) => part.trim()).join('\n')
  const { limit } = options
  if (limit === undefined || all.length <= limit) return all
  const tail = card.whole ? `\nWhole: ${clean(card.whole)}` : ''
  // A tail that takes half of the room takes it from what matters more.
  return tail.length * 2 < limit ? shorten(all, limit - tail.length) + tail : shorten(all, limit)
}
