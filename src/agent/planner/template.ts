import { slotSources } from './slots.ts'

/**
 * A template is how people say one thing: words, `[optional]`, `(one|other)`, `{slot}` and `:` for a colon or a dash
 * before free text. It stands for the whole sentence, never for a part of one, so that words it does not know
 * ("don't", "unless", "should we") keep it from matching at all.
 */
export function compile(template: string): RegExp {
  const source = (template.match(/\{\w+\}|[[\]()|:]|[^\s[\]()|:{}]+/g) ?? []).map((part) => {
    const slot = /^\{(\w+)\}$/.exec(part)?.[1]
    if (slot) return slotSource(slot)
    return marks[part] ?? ` ${part.replaceAll(/[.*+?^$\\]/g, '\\$&')}`
  })
  return new RegExp(`^${source.join('')}$`, 'iu')
}

/** Every word brings the space before it, so that what is optional leaves none behind. */
const marks: Record<string, string> = {
  '[': '(?:',
  ']': ')?',
  '(': '(?:',
  ')': ')',
  '|': '|',
  ':': '\\s*(?::|-|–|—)',
}

function slotSource(name: string): string {
  const source = slotSources[name]
  if (!source) throw new Error(`A template names an unknown slot: ${name}`)
  return source
}
