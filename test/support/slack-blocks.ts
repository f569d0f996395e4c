/** Slack's limits on blocks (shared/design/platform-limits.md), and blocks as the words that people read. */
type Json = Record<string, unknown>

const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null

const limitsOf = (block: Json, modal: boolean): string | undefined => {
  const size = (value: unknown) => (isRecord(value) && typeof value.text === 'string' ? value.text.length : 0)
  const over = (value: unknown, max: number) => size(value) > max
  switch (block.type) {
    case 'header':
      return over(block.text, 150) ? 'header over 150 characters' : undefined
    case 'section': {
      const fields = Array.isArray(block.fields) ? block.fields : []
      if (over(block.text, 3000)) return 'section over 3,000 characters'
      if (fields.length > 10) return 'over 10 fields'
      return fields.some((field) => over(field, 2000)) ? 'field over 2,000 characters' : undefined
    }
    case 'context':
      return Array.isArray(block.elements) && block.elements.length > 10 ? 'over 10 elements' : undefined
    case 'actions': {
      const elements = (Array.isArray(block.elements) ? block.elements : []) as Json[]
      if (elements.length < 1 || elements.length > 25)
        return `${elements.length} elements in an actions block`
      for (const element of elements) {
        if (over(element.text, 75)) return 'button text over 75 characters'
        if (String(element.value ?? '').length > 2000) return 'button value over 2,000 characters'
        if (String(element.action_id ?? '').length > 255) return 'action_id over 255 characters'
      }
      return undefined
    }
    case 'input': {
      if (!modal) return 'an input outside a modal'
      const options = isRecord(block.element) ? block.element.options : undefined
      return Array.isArray(options) && options.length > 100 ? 'over 100 options' : undefined
    }
    case 'rich_text':
    case 'divider':
      return undefined
    default:
      return `unknown block type ${String(block.type)}`
  }
}

const emptyText = (value: unknown): boolean => {
  if (Array.isArray(value)) return value.some(emptyText)
  if (!isRecord(value)) return false
  if ((value.type === 'plain_text' || value.type === 'mrkdwn') && !value.text) return true
  return Object.values(value).some(emptyText)
}

/** Slack's error and its reason, or nothing. */
export const blockFault = (blocks: unknown, modal = false): { error: string; reason: string } | undefined => {
  if (blocks === undefined) return undefined
  const invalid = (reason: string) => ({ error: 'invalid_blocks', reason })
  if (!Array.isArray(blocks)) return { error: 'invalid_blocks_format', reason: 'not a list' }
  if (blocks.length > (modal ? 100 : 50)) return invalid(`${blocks.length} blocks`)
  const ids: string[] = []
  for (const block of blocks as Json[]) {
    const fault = limitsOf(block, modal)
    if (fault) return invalid(fault)
    if (emptyText(block)) return invalid('an empty text')
    if (block.type === 'actions') ids.push(...(block.elements as Json[]).map((e) => String(e.action_id)))
  }
  if (new Set(ids).size < ids.length) return invalid('an action_id twice')
  if (JSON.stringify(blocks).length > 13_200)
    return { error: 'msg_blocks_too_long', reason: 'over 13,200 characters' }
  return undefined
}

const unescaped = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')

const inline = (value: unknown): string => {
  if (!isRecord(value)) return ''
  switch (value.type) {
    case 'user':
      return `<@${value.user_id}>`
    case 'date':
      return String(value.fallback ?? '')
    case 'link':
      return unescaped(String(value.text ?? value.url))
    case 'mrkdwn':
      return unescaped(String(value.text).replaceAll(/<!date\^\d+\^[^|>]*\|([^>]*)>/g, '$1'))
    case 'button':
      return `[${inline(value.text)}]`
    default:
      return typeof value.text === 'string' ? unescaped(value.text) : ''
  }
}

const ofBlock = (block: Json): string => {
  const elements = (Array.isArray(block.elements) ? block.elements : []) as Json[]
  switch (block.type) {
    case 'header':
      return inline(block.text)
    case 'section':
      return [block.text, ...((block.fields as unknown[]) ?? [])].map(inline).filter(Boolean).join('\n')
    case 'context':
    case 'actions':
      return elements.map(inline).join(' ')
    case 'rich_text':
      return elements.map((part) => ((part.elements as unknown[]) ?? []).map(inline).join('')).join('\n')
    case 'input':
      return inline(block.label)
    default:
      return ''
  }
}

/** What a person reads, a line each; buttons as `[Acknowledge]`. */
export const blocksText = (blocks: unknown): string =>
  (Array.isArray(blocks) ? (blocks as Json[]) : []).map(ofBlock).filter(Boolean).join('\n')

export type KitButton = { type: 'button'; action_id: string; value?: string; text: { text: string } }

export const buttonsOf = (blocks: unknown): KitButton[] =>
  (Array.isArray(blocks) ? (blocks as Json[]) : [])
    .filter((block) => block.type === 'actions')
    .flatMap((block) => block.elements as KitButton[])
    .filter((element) => element.type === 'button')
