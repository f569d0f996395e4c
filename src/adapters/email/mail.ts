import type { Card } from '../../messages/card.ts'
import { plainText } from '../../messages/plain-text.ts'
import { clean, shorten } from '../../messages/shorten.ts'
import { html } from './html.ts'

export type Mail = {
  from: string
  to: { name: string; address: string }
  subject: string
  text: string
  html: string
  messageId: string
  headers: Record<string, string>
}

/** Longer subjects are cut by what shows them. */
const longestSubject = 150

/** One address and nothing beside it: no list, no name, no second line. */
export const addressable = (address: string): boolean =>
  address.length <= 254 && /^[^\s<>()[\],;:\\"@]+@[^\s<>()[\],;:\\"@]+$/.test(address)

/** @param options.id the delivery's: the same message has the same Message-ID, however often it is sent. */
export function mailOf(card: Card, options: { id: string; from: string; to: string }): Mail {
  const shown = withoutButtons(card)
  return {
    from: options.from,
    to: { name: '', address: options.to },
    subject: shorten(clean(card.summary).replaceAll(/\s+/g, ' ').trim(), longestSubject),
    text: `${plainText(shown)}\n`,
    html: html(shown),
    messageId: `<${options.id}@${domainOf(options.from)}>`,
    // RFC 3834: nobody's automatic answer comes back.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
  }
}

/** Nothing can be pressed in a mail. */
const withoutButtons = ({ buttons: _, ...card }: Card): Card => ({
  ...card,
  blocks: card.blocks.filter((block) => block.type !== 'buttons'),
})

const domainOf = (from: string): string => /@([^\s<>@]+?)>?$/.exec(from)?.[1] ?? 'tocsin.invalid'
