/**
 * Texts for Adaptive Cards. People's words stand in `TextRun`s, which no client reads as Markdown
 * (learn.microsoft.com/adaptive-cards/authoring-cards/text-features), so nothing needs escaping and `IN_PROGRESS`
 * is found as it is. A `TextBlock`, which is read as Markdown, is used only for words that mean nothing in it:
 * headings, for screen readers, and mentions, which Teams knows nowhere else.
 */
import type { AdaptiveElement, Mention, RunStyle, TextRun } from './adaptive-json.ts'
import type { Card, Span, Text } from './card.ts'
import { ago, plainWords, spans, words } from './plain-text.ts'
import { clean, shorten } from './shorten.ts'

export type Scene = { now?: string; at: Map<string, Mention> }

const maxMentions = 50
type TimeSpan = Extract<Span, { type: 'time' }>

/** Clients put times for `{{DATE(…)}}` in any text, and Teams people for `<at>`: such words get a gap nobody sees. */
export const inert = (text: string): string =>
  clean(text)
    .replace(/\{(?=\{(?:DATE|TIME)\()/gi, '{\u200b')
    .replace(/<(?=\/?at\b)/gi, '<\u200b')

/** `TIME` knows no fractions of a second: it shows the raw text where it meets them. */
const time = (span: TimeSpan, now: string | undefined): string => {
  const at = new Date(span.at)
  if (Number.isNaN(at.getTime()) || at.getUTCFullYear() > 9999 || at.getUTCFullYear() < 0)
    return inert(span.at)
  const instant = `${at.toISOString().slice(0, 19)}Z`
  const hours = `{{TIME(${instant})}}`
  if (span.style === 'date') return `{{DATE(${instant}, SHORT)}} ${hours}`
  const past = span.style === 'ago' && now ? ago(span.at, now) : ''
  return past ? `${hours}, ${past}` : hours
}

const run = (span: Span, { now }: Scene): TextRun => {
  if (typeof span === 'string') return { type: 'TextRun', text: inert(span) }
  switch (span.type) {
    case 'strong':
      return { type: 'TextRun', text: inert(span.text), weight: 'Bolder' }
    case 'code':
      return { type: 'TextRun', text: inert(span.text), fontType: 'Monospace' }
    case 'person':
      return { type: 'TextRun', text: inert(span.name) }
    case 'time':
      return { type: 'TextRun', text: time(span, now) }
    case 'link': {
      const url = URL.parse(span.url)
      return url && /^https?:$/.test(url.protocol)
        ? {
            type: 'TextRun',
            text: inert(span.text || span.url),
            selectAction: { type: 'Action.OpenUrl', url: url.href },
          }
        : { type: 'TextRun', text: inert(words([span])) }
    }
  }
}

/** One paragraph a line, since a client may show `\n` as a space; neighbours of one style are one run. */
const paragraphs = (text: Text, scene: Scene, style: RunStyle): TextRun[][] => {
  const lines: TextRun[][] = [[]]
  for (const span of spans(text)) {
    const { text: all, ...own } = { ...run(span, scene), ...style }
    for (const [index, part] of all.split('\n').entries()) {
      if (index > 0) lines.push([])
      const line = lines.at(-1)!
      const last = line.at(-1)
      const { text: before, ...lastOwn } = last ?? { text: '' }
      if (last && JSON.stringify(lastOwn) === JSON.stringify(own)) last.text = before + part
      else if (part) line.push({ ...own, text: part })
    }
  }
  return lines.filter((line) => line.some((part) => part.text.trim()))
}

const mentionOf = (span: Span, scene: Scene): Mention | undefined =>
  typeof span !== 'string' && span.type === 'person' && span.ping ? scene.at.get(span.id) : undefined

const mentionText = (text: string): AdaptiveElement => ({ type: 'TextBlock', text, wrap: true })

/** Mentions stand in their sentence where its words are harmless, else on a line of their own below it. */
export const textElements = (text: Text, scene: Scene, style: RunStyle = {}): AdaptiveElement[] => {
  const parts = spans(text)
  const called = parts.map((span) => mentionOf(span, scene)).filter((mention) => mention !== undefined)
  const isTime = (span: Span) => typeof span !== 'string' && span.type === 'time'
  const spoken = parts.filter((span) => !mentionOf(span, scene) && !isTime(span))
  const harmless =
    plainWords(words(spoken)) && !spoken.some((span) => typeof span !== 'string' && span.type === 'link')
  if (called.length > 0 && harmless)
    return [mentionText(parts.map((span) => mentionOf(span, scene)?.text ?? run(span, scene).text).join(''))]
  const lines = paragraphs(text, scene, style).map(
    (inlines, index): AdaptiveElement => ({
      type: 'RichTextBlock',
      inlines,
      ...(index > 0 && { spacing: 'Small' }),
    }),
  )
  return called.length > 0 ? [...lines, mentionText(called.map((mention) => mention.text).join(' '))] : lines
}

export const heading = (text: Text, scene: Scene): AdaptiveElement[] => {
  const plain = words(text, scene)
  if (!plain.trim()) return []
  return plainWords(plain)
    ? [{ type: 'TextBlock', text: plain, wrap: true, style: 'heading', weight: 'Bolder', size: 'Medium' }]
    : textElements(text, scene, { weight: 'Bolder', size: 'Medium' })
}

/** Teams finds a mention by its text: two people of one name need two texts, and the name no markup. */
export const mentionsIn = (card: Card, mentions: Record<string, string>): Map<string, Mention> => {
  const texts = card.blocks.flatMap((block): Text[] =>
    'text' in block
      ? [block.text]
      : 'lines' in block
        ? block.lines
        : 'facts' in block
          ? block.facts.map((fact) => fact.value)
          : [],
  )
  const at = new Map<string, Mention>()
  const taken = new Set<string>()
  for (const span of texts.flatMap(spans)) {
    if (typeof span === 'string' || span.type !== 'person' || !span.ping || at.has(span.id)) continue
    const id = Object.hasOwn(mentions, span.id) ? mentions[span.id] : undefined
    if (!id || at.size === maxMentions) continue
    const name = shorten(span.name.replace(/[^\p{L}\p{M}\p{N} .'’-]/gu, '').trim() || 'you', 60)
    let unique = name
    for (let count = 2; taken.has(unique); count += 1) unique = `${name} ${count}`
    taken.add(unique)
    at.set(span.id, { type: 'mention', text: `<at>${unique}</at>`, mentioned: { id, name: unique } })
  }
  return at
}
