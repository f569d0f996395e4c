import type { Block, Card, Span, Text } from '../../messages/card.ts'
import { spans } from '../../messages/plain-text.ts'
import { clean, cutAt } from '../../messages/shorten.ts'

/** One message in the GSM alphabet; outside of it, two of the 67 UTF-16 units that a part then holds (3GPP 23.038). */
const longest = { gsm: 160, unicode: 134 }

const basic = new Set(
  '@£$¥èéùìòÇ\nØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
)
/** These take two places. */
const extended = new Set('^{}\\[~]|€')

const size = (char: string): number => (extended.has(char) ? 2 : 1)
const isGsm = (text: string): boolean => [...text].every((char) => basic.has(char) || extended.has(char))

const spelt: Record<string, string> = {
  '’': "'",
  '‘': "'",
  '“': '"',
  '”': '"',
  '„': '"',
  '–': '-',
  '—': '-',
  '…': '...',
  '·': '-',
  '→': '->',
  '\u00a0': ' ',
}

/** What the alphabet lacks in the nearest form that it has: typographic marks, letters without their accents. */
const nearest = (text: string): string =>
  [...text]
    .map((char) => {
      if (basic.has(char) || extended.has(char)) return char
      const plain = spelt[char] ?? char.normalize('NFKD').replaceAll(/\p{M}/gu, '')
      return isGsm(plain) ? plain : char
    })
    .join('')

/** Colours and other pictures: they would cost half of the room, and say nothing that the words do not. */
const pictures = /\p{Extended_Pictographic}|\u200d|\ufe0f/gu

/**
 * The card as one short message: its first line, then its first link whole. The words give way to the link, and in
 * them the title to what stands around it: the key at the beginning, the priority at the end.
 */
export function smsText(card: Card): string {
  const link = firstLink(card)
  const words = nearest(clean(card.summary).replaceAll(pictures, '').replaceAll(/\s+/g, ' ').trim())
  const tail = link ? ` ${link}` : ''
  const most = isGsm(words + tail) ? longest.gsm : longest.unicode
  return fitted(words, most - measure(tail)) + tail
}

const measure = (text: string): number => [...text].reduce((sum, char) => sum + size(char) * char.length, 0)

function fitted(text: string, room: number): string {
  if (measure(text) <= room) return text
  const end = / \(P[1-5]\)$/.exec(text)?.[0] ?? ''
  const mark = `...${end}`
  if (room <= mark.length) return ''
  const cut = cutAt(text, room - mark.length, (char) => size(char) * char.length)
  return text.slice(0, cut).trimEnd() + mark
}

export const firstLink = ({ blocks }: Card): string | undefined =>
  blocks.flatMap(textsOf).flatMap(spans).find(isLink)?.url

const isLink = (span: Span): span is Extract<Span, { type: 'link' }> =>
  typeof span === 'object' && span.type === 'link'

function textsOf(block: Block): Text[] {
  switch (block.type) {
    case 'heading':
    case 'text':
    case 'context':
      return [block.text]
    case 'facts':
      return block.facts.map(({ value }) => value)
    case 'lines':
      return block.lines
    default:
      return []
  }
}
