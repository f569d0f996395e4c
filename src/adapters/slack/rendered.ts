import type { Logger } from '../../log.ts'
import type { Card } from '../../messages/card.ts'
import { plainText } from '../../messages/plain-text.ts'
import { blockKit } from './block-kit.ts'
import { escapeText } from './rich-text.ts'

export type Rendered = ReturnType<typeof blockKit>

/** Better plain words than nothing: a page must not die of a block that Slack has come to refuse. */
const blockFaults = new Set([
  'invalid_blocks',
  'invalid_blocks_format',
  'msg_blocks_too_long',
  'invalid_attachments',
])
export const isBlockFault = (code: string | undefined): boolean => code !== undefined && blockFaults.has(code)

export const onlyText = (card: Card): Rendered => ({
  text: escapeText(plainText(card, { limit: 3000 })),
  blocks: [],
})

export const rendered = (
  card: Card,
  { mentions, id }: { mentions: Record<string, string>; id: string },
  log: Logger,
): Rendered => {
  try {
    return blockKit(card, { mentions })
  } catch (error) {
    log.error({ err: error, delivery: id }, 'A card could not be rendered for Slack: sent as text')
    return onlyText(card)
  }
}
