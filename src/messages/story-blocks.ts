/** What happened on an incident, in order: lines of the timeline and notes, each told once. */
import type { Part } from '../core/outcome.ts'
import type { Block, Span } from './card.ts'
import { labelled } from './part-blocks.ts'
import { shorten } from './shorten.ts'
import { entrySentence } from './wording.ts'

export type StoryPart = Part & { kind: 'entry' | 'comment' }

export const isStory = (part: Part): part is StoryPart => part.kind === 'entry' || part.kind === 'comment'

/** A long note must not push what came after it off the card. */
const longestEntry = 300
const longestNote = 1500

const atOf = (part: StoryPart) => (part.kind === 'entry' ? part.entry.at : part.at)
const day = (part: StoryPart) => atOf(part).slice(0, 10)

export function storyBlocks(parts: StoryPart[]): Block[] {
  const entries = parts.filter((part) => part.kind === 'entry')
  const noted = new Set(
    entries.filter(({ entry }) => entry.operation === 'comment').map(({ entry }) => entry.at),
  )
  const lines = parts
    .filter((part) => part.kind === 'entry' || !noted.has(part.at))
    .sort((a, b) => Date.parse(atOf(a)) - Date.parse(atOf(b)))
  // The day once, then the clock: a night's timeline is read down its times.
  const style = (index: number) =>
    entries.length && day(lines[index]!) !== (lines[index - 1] && day(lines[index - 1]!)) ? 'date' : 'clock'
  const spans = lines.flatMap((part, index): Span[] => [
    ...(index ? ['\n'] : []),
    { type: 'time', at: atOf(part), style: style(index) },
    ` ${wordsOf(part, entries.length > 0)}`,
  ])
  const labels = lines.map((part) => part.label)
  return lines.length ? [labelled({ type: 'text', text: spans }, ...labels)] : []
}

function wordsOf(part: StoryPart, amongEntries: boolean): string {
  if (part.kind === 'entry') return `${part.entry.by}: ${shorten(entrySentence(part.entry), longestEntry)}`
  const internal = part.visibility === 'internal'
  if (amongEntries)
    return `${part.by}: ${internal ? 'internal note' : 'note'}: ${shorten(part.text, longestEntry)}`
  return `${part.by}${internal ? ' (internal)' : ''}: ${shorten(part.text, longestNote)}`
}
