import type { Intent, Slots } from './intent.ts'
import { reads } from './reads.ts'
import { slotMeanings } from './slots.ts'
import { compile } from './template.ts'
import { tidy } from './tidy.ts'
import { mend } from './typos.ts'
import { writes } from './writes.ts'

export type Plan = { tool: string; input: Record<string, unknown> }

type Rule = { intent: Intent; pattern: RegExp; writes: boolean; freeText: boolean }

const rules = (intents: Intent[], writes: boolean): Rule[] =>
  intents.flatMap((intent) =>
    intent.say.map((template) => ({
      intent,
      pattern: compile(template),
      writes,
      freeText: template.endsWith('{text}'),
    })),
  )

const all = [...rules(writes, true), ...rules(reads, false)]

/** The one tool call that a sentence asks for; undefined when it is not understood or must not write. */
export function plan(text: string): Plan | undefined {
  // Above this it is no command; tidying and matching stay cheap whatever is pasted.
  if (text.trim().length > 2_000) return undefined
  const sentence = tidy(text)
  return match(sentence) ?? match(mended(sentence))
}

function match(sentence: ReturnType<typeof tidy>): Plan | undefined {
  for (const rule of all) {
    // A question mark at the end of a note belongs to the note.
    if (rule.writes && sentence.question && !rule.freeText) continue
    const found = rule.pattern.exec(` ${rule.freeText && rule.writes ? sentence.words : sentence.bare}`)
    if (!found) continue
    const slots = meaningsOf(found.groups ?? {})
    if (!slots) continue
    const { tool, input } = { tool: rule.intent.tool, input: rule.intent.input?.(slots) ?? slots }
    return tool === 'update_status' ? byStatus(input) : { tool, input }
  }
  return undefined
}

/** Undefined when a slot holds nothing that it could mean. */
function meaningsOf(groups: Record<string, string | undefined>): Slots | undefined {
  const slots: Slots = {}
  for (const [name, text] of Object.entries(groups)) {
    if (text === undefined) continue
    const meaning = slotMeanings[name]!(text)
    if (meaning === undefined) return undefined
    slots[name] = meaning
  }
  return slots
}

/** Resolving, closing and cancelling are operations of their own, with their own permissions. */
function byStatus({ status, ...rest }: Record<string, unknown>): Plan {
  const own: Record<string, string> = { RESOLVED: 'resolve', CLOSED: 'close', CANCELLED: 'cancel' }
  const tool = own[String(status)]
  return tool ? { tool, input: rest } : { tool: 'update_status', input: { ...rest, status } }
}

/** What was typed after a colon is somebody's text: it is not mended. */
function mended(sentence: ReturnType<typeof tidy>): ReturnType<typeof tidy> {
  const head = (words: string) => {
    const colon = words.indexOf(':')
    return colon < 0 ? mend(words) : mend(words.slice(0, colon)) + words.slice(colon)
  }
  return { ...sentence, words: head(sentence.words), bare: head(sentence.bare) }
}
