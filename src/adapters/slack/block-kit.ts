/**
 * A neutral card as Block Kit. People's words stand only where Slack parses nothing: in `rich_text` elements and
 * `plain_text` objects, so that `*`, `_`, `:fire:` or an address show as they were typed, without zero-width tricks
 * that would break copying. `mrkdwn` is used for times and mentions in small print and fields alone, and only
 * beside words that mean nothing in it. Limits: docs.slack.dev/reference/block-kit.
 */
import type { ActionsBlock, ContextBlock, Button as KitButton, KnownBlock, MrkdwnElement } from '@slack/types'
import type { Block, Button, Card, Span, Text } from '../../messages/card.ts'
import { plainWords, spans, words } from '../../messages/plain-text.ts'
import { clean, cutAt, shorten, shortenedNote } from '../../messages/shorten.ts'
import {
  cost,
  date,
  elements,
  escapedSize,
  escapeText,
  lines,
  opaqueJson,
  plain,
  type Rendered,
  running,
  type SlackContext,
  slackUser,
} from './rich-text.ts'

const maxBlocks = 50
/** Counted over the JSON: github.com/slackapi/bolt-js/issues/2867 had 11,341 characters of text alone refused. */
const maxTotal = 12_000
const maxText = 3000
const maxField = 2000
const maxFields = 10
const maxElements = 25
const maxCardButtons = 5
const maxValue = 2000

const tooLong = (text: string, max: number): boolean => cutAt(text, max, escapedSize) < text.length

/** One text object, or nothing where these words beside a time or a mention are safe in rich text alone. */
const textObject = (text: Text, context: SlackContext, max: number) => {
  const parts = spans(text)
  const live = (span: Span) => date(span) !== undefined || slackUser(span, context) !== undefined
  if (parts.some((span) => typeof span !== 'string' && span.type === 'link')) return undefined
  if (!parts.some(live)) return plain(words(text), max)
  if (!plainWords(words(parts.filter((span) => !live(span))))) return undefined
  const mrkdwn = parts.map((span) => {
    const time = date(span)
    const user = slackUser(span, context)
    if (time) return `<!date^${time.timestamp}^${time.format}|${time.fallback}>`
    return user ? `<@${user}>` : words([span])
  })
  const object: MrkdwnElement = { type: 'mrkdwn', text: mrkdwn.join(''), verbatim: true }
  return object.text.length <= max ? object : undefined
}

/** The name and the value are one text, `Status: OPEN`, as they are read aloud and searched for. */
const facts = (
  all: { name: string; value: Text }[],
  context: SlackContext,
  room: number,
  slots: number,
): Rendered => {
  const texts = all.map(
    ({ name, value }): Text => [`${name}: `, ...(words(value).trim() ? spans(value) : ['–'])],
  )
  const fields = texts
    .map((text) => textObject(text, context, maxField))
    .filter((field) => field !== undefined)
  if (fields.length < texts.length || cost(fields) > room) return lines(texts, context, room)
  const blocks: KnownBlock[] = []
  for (let start = 0; start < fields.length; start += maxFields)
    blocks.push({ type: 'section', fields: fields.slice(start, start + maxFields) })
  const cut = blocks.length > slots || blocks.reduce((sum, block) => sum + cost(block), 0) > room
  if (cut) return lines(texts, context, room)
  return { blocks, shortened: texts.some((text) => tooLong(words(text), maxField)) }
}

const render = (
  block: Block,
  context: SlackContext,
  room: number,
  slots: number,
  ids: Set<string>,
): Rendered => {
  switch (block.type) {
    case 'heading': {
      const text = words(block.text).replaceAll('\n', ' ')
      return text.trim()
        ? { blocks: [{ type: 'header', text: plain(text, 150) }], shortened: tooLong(text, 150) }
        : { blocks: [], shortened: false }
    }
    case 'text':
      return running(elements(block.text, context), room, slots)
    case 'facts':
      return facts(block.facts, context, room, slots)
    case 'lines':
      return lines(block.lines, context, room)
    case 'code':
      return running(elements(block.text, context), room, slots, true)
    case 'context': {
      if (!words(block.text).trim()) return { blocks: [], shortened: false }
      const object = textObject(block.text, context, maxField)
      return object
        ? {
            blocks: [{ type: 'context', elements: [object] }],
            shortened: tooLong(words(block.text), maxField),
          }
        : running(elements(block.text, context), room, slots)
    }
    case 'divider':
      return { blocks: [{ type: 'divider' }], shortened: false }
    case 'buttons':
      return { blocks: rows(block.buttons, ids), shortened: false }
  }
}

const operationOf = ({ action }: Button): string =>
  action.type === 'perform' ? action.operation : action.type === 'form' ? action.form : 'share'

/** Unique in its message, as Slack asks: the second `acknowledge` is `acknowledge:2`. */
const actionId = (button: Button, ids: Set<string>): string => {
  const wanted = clean(button.id ?? operationOf(button))
  const name = wanted.slice(0, cutAt(wanted, 240))
  let id = name
  for (let count = 2; ids.has(id); count += 1) id = `${name}:${count}`
  ids.add(id)
  return id
}

const kitButton = (button: Button, ids: Set<string>): KitButton => {
  const value = opaqueJson(button.action)
  if (value.length > maxValue)
    throw new Error(
      `The button ${operationOf(button)} carries ${value.length} characters; Slack takes ${maxValue}.`,
    )
  return {
    type: 'button',
    action_id: actionId(button, ids),
    text: plain(button.text, 75),
    value,
    ...(button.style && { style: button.style }),
    ...(button.confirm && {
      confirm: {
        title: plain(button.confirm.title, 100),
        text: plain(button.confirm.text, 300),
        confirm: plain(button.confirm.yes, 30),
        deny: plain('Cancel', 30),
        ...(button.style && { style: button.style }),
      },
    }),
  }
}

const rows = (buttons: Button[], ids: Set<string>): ActionsBlock[] => {
  const blocks: ActionsBlock[] = []
  for (let start = 0; start < buttons.length; start += maxElements)
    blocks.push({
      type: 'actions',
      elements: buttons.slice(start, start + maxElements).map((button) => kitButton(button, ids)),
    })
  return blocks
}

const sum = (blocks: KnownBlock[]): number => blocks.reduce((total, block) => total + cost(block), 0)

/** Throws where a button carries more than Slack keeps: that is a mistake in the card, not in the data. */
export const blockKit = (card: Card, context: SlackContext): { text: string; blocks: KnownBlock[] } => {
  const ids = new Set<string>()
  const wanted = card.buttons ?? []
  let buttons = rows(wanted.slice(0, maxCardButtons), ids)
  while (sum(buttons) > maxTotal - maxText)
    buttons = [{ type: 'actions', elements: buttons[0]!.elements.slice(0, -1) }]
  const note: ContextBlock = { type: 'context', elements: [plain(shortenedNote(card.whole), 300)] }

  let shortened = wanted.length > (buttons[0]?.elements.length ?? 0)
  let room = maxTotal - 1 - sum(buttons) - cost(note)
  const blocks: KnownBlock[] = []
  for (const block of card.blocks) {
    const slots = maxBlocks - 1 - buttons.length - blocks.length
    const part = render(block, context, room, slots, ids)
    shortened ||= part.shortened
    for (const next of part.blocks.slice(0, slots)) {
      if (cost(next) > room) shortened = true
      else {
        blocks.push(next)
        room -= cost(next)
      }
    }
    shortened ||= part.blocks.length > slots
  }
  if (blocks.length === 0) {
    const part = running([{ type: 'text', text: clean(card.summary).trim() || '…' }], room, 1)
    blocks.push(...part.blocks)
    shortened ||= part.shortened
  }
  return {
    text: escapeText(shorten(card.summary, maxText, escapedSize)),
    blocks: [...blocks, ...(shortened ? [note] : []), ...buttons],
  }
}
