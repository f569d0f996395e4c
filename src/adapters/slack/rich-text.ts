/**
 * Slack's rich text: the one block whose texts are literal, with no mrkdwn, emoji codes or addresses read in them.
 * Mentions, times and links are elements of their own. docs.slack.dev/reference/block-kit/blocks/rich-text-block
 */
import type { KnownBlock, PlainTextElement, RichTextBlock, RichTextElement, RichTextText } from '@slack/types'
import type { Span, Text } from '../../messages/card.ts'
import { clock, spans, words } from '../../messages/plain-text.ts'
import { clean, cutAt, type Size, shorten } from '../../messages/shorten.ts'

export type SlackContext = { mentions: Record<string, string> }
export type Rendered = { blocks: KnownBlock[]; shortened: boolean }

const maxText = 3000
/** JSON around a rich text block's elements, with a mark or a last line: under this much room is none. */
const wrapping = 220

/** Slack decodes these three everywhere, docs.slack.dev/messaging/formatting-message-text#escaping. */
export const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** One character's length once it is escaped. */
export const escapedSize: Size = (char) => (char === '&' ? 5 : char === '<' || char === '>' ? 4 : char.length)
const jsonSize: Size = (char) =>
  char === '\n' || char === '\t' || char === '"' || char === '\\' ? 2 : escapedSize(char)

/** JSON that Slack's escaping cannot touch: it comes back from a button or a modal as it went. */
export const opaqueJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[&<>]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`)

export const cost = (part: unknown): number => JSON.stringify(part).length + 1

export const plain = (text: string, max: number): PlainTextElement => ({
  type: 'plain_text',
  // Slack refuses an empty text.
  text: escapeText(shorten(clean(text).trim() || '…', max, escapedSize)),
  emoji: false,
})

export const slackUser = (span: Span, { mentions }: SlackContext): string | undefined => {
  if (typeof span === 'string' || span.type !== 'person' || !span.ping) return undefined
  const user = Object.hasOwn(mentions, span.id) ? mentions[span.id] : undefined
  return user && /^[UW][A-Z0-9]{2,20}$/.test(user) ? user : undefined
}

const dateFormat = { clock: '{time}', date: '{date_short_pretty} {time}', ago: '{time}, {ago}' }

export const date = (span: Span) => {
  if (typeof span === 'string' || span.type !== 'time') return undefined
  const timestamp = Math.floor(Date.parse(span.at) / 1000)
  if (Number.isNaN(timestamp)) return undefined
  return { timestamp, format: dateFormat[span.style], fallback: clock(span.at, span.style === 'date') }
}

const webAddress = (url: string): string | undefined => {
  const address = URL.parse(url)
  const usable = address?.protocol === 'https:' || address?.protocol === 'http:'
  return usable && address.href.length <= 2000 ? address.href : undefined
}

/** Texts are cleaned but not yet escaped, so that they can still be cut. */
const element = (span: Span, context: SlackContext): RichTextElement => {
  if (typeof span === 'string') return { type: 'text', text: clean(span) }
  switch (span.type) {
    case 'strong':
      return { type: 'text', text: clean(span.text), style: { bold: true } }
    case 'code':
      return { type: 'text', text: clean(span.text), style: { code: true } }
    case 'person': {
      const user = slackUser(span, context)
      return user ? { type: 'user', user_id: user } : { type: 'text', text: clean(span.name) }
    }
    case 'time': {
      const time = date(span)
      return time ? { type: 'date', ...time } : { type: 'text', text: clean(span.at) }
    }
    case 'link': {
      const url = webAddress(span.url)
      return url
        ? { type: 'link', url, text: escapeText(shorten(span.text.trim() || url, 300)) }
        : { type: 'text', text: words([span]) }
    }
  }
}

/** Neighbours of one style become one element: `Approved by Finn Weber` is one text to whoever searches for it. */
const join = (elements: RichTextElement[]): RichTextElement[] => {
  const joined: RichTextElement[] = []
  for (const next of elements) {
    const last = joined.at(-1)
    if (next.type !== 'text' || !next.text) next.type !== 'text' && joined.push(next)
    else if (last?.type === 'text' && JSON.stringify(last.style) === JSON.stringify(next.style))
      joined[joined.length - 1] = { ...last, text: last.text + next.text }
    else joined.push(next)
  }
  return joined
}

export const elements = (text: Text, context: SlackContext) =>
  join(spans(text).map((span) => element(span, context)))

const escaped = (part: RichTextElement): RichTextElement =>
  part.type === 'text' ? { ...part, text: escapeText(part.text) } : part

/** The first elements that cost at most `max`, the last text cut if need be, and the rest. */
const take = (all: RichTextElement[], max: number): [RichTextElement[], RichTextElement[]] => {
  let room = max
  for (const [index, part] of all.entries()) {
    const price = cost(escaped(part))
    if (price > room) {
      if (part.type !== 'text') return [all.slice(0, index), all.slice(index)]
      const cut = cutAt(part.text, room - cost({ ...part, text: '' }), jsonSize)
      // A whole line where that wastes little, else wherever it ends.
      const line = part.text.lastIndexOf('\n', cut - 1) + 1
      const end = line > cut * 0.7 ? line : cut
      const before = end > 0 ? [{ ...part, text: part.text.slice(0, end) }] : []
      return [
        [...all.slice(0, index), ...before],
        [{ ...part, text: part.text.slice(end) }, ...all.slice(index + 1)],
      ]
    }
    room -= price
  }
  return [all, []]
}

const richText = (parts: RichTextElement[], code: boolean): RichTextBlock => {
  const content = join(parts).map(escaped)
  return {
    type: 'rich_text',
    elements: [
      code
        ? {
            type: 'rich_text_preformatted',
            elements: content.filter((part): part is RichTextText => part.type === 'text'),
          }
        : { type: 'rich_text_section', elements: content },
    ],
  }
}

/** As many blocks of 3,000 as there is room for. */
export const running = (all: RichTextElement[], room: number, slots: number, code = false): Rendered => {
  const blocks: KnownBlock[] = []
  let rest = all.some((part) => part.type !== 'text' || part.text.trim()) ? all : []
  let left = room
  while (rest.length > 0 && blocks.length < slots && left > wrapping * 2) {
    const [head, tail] = take(rest, Math.min(maxText, left) - wrapping)
    if (head.length === 0) break
    rest = tail
    const ends = rest.length > 0 && (blocks.length + 1 === slots || left < maxText + wrapping)
    const block = richText(ends ? [...head, { type: 'text', text: '… (shortened)' }] : head, code)
    blocks.push(block)
    left -= cost(block)
    if (ends) break
  }
  return { blocks, shortened: rest.length > 0 }
}

export const lines = (all: Text[], context: SlackContext, room: number): Rendered => {
  const parts: RichTextElement[] = []
  let left = Math.min(maxText, room) - wrapping
  let shown = 0
  let shortened = false
  for (const line of all) {
    const [head, rest] = take(elements(line, context), 600)
    const full: RichTextElement[] = [{ type: 'text', text: shown ? '\n' : '' }, ...head]
    if (rest.length > 0) full.push({ type: 'text', text: '… (shortened)' })
    const price = full.reduce((sum, part) => sum + cost(escaped(part)), 0)
    if (price > left) break
    left -= price
    shown += 1
    shortened ||= rest.length > 0
    parts.push(...full)
  }
  const more = all.length - shown
  if (more > 0)
    parts.push({ type: 'text', text: shown ? `\n… and ${more} more` : `${more} lines (shortened)` })
  const any = join(parts).some((part) => part.type !== 'text' || part.text.trim())
  return { blocks: any && room > wrapping ? [richText(parts, false)] : [], shortened: shortened || more > 0 }
}
