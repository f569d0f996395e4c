import { isWord, spoken, type Token, tokensOf } from './tokens.ts'

const conditions = ['priority', 'team', 'category', 'department', 'service'] as const

/**
 * `NAME [when KEY=VALUE …] steps STEPS [repeat N] [nobody TARGET] [acknowledged for DURATION]` as raw input.
 * @returns undefined when the line has no name or no steps.
 */
export function parseSave(rest: string): Record<string, unknown> | undefined {
  const tokens = tokensOf(rest)
  const steps = tokens.findIndex((token) => isWord(token, 'steps'))
  const head = steps < 0 ? tokens : tokens.slice(0, steps)
  const when = head.findIndex((token) => isWord(token, 'when'))
  const name = textOf(when < 0 ? head : head.slice(0, when))
  if (!name || steps < 1) return undefined
  const given = when < 0 ? {} : parseConditions(head.slice(when + 1))
  if (!given) return undefined
  const [written, ...options] = cut(tokens.slice(steps + 1))
  const input: Record<string, unknown> = { name, ...given, steps: lineOf(written!) }
  for (const [word, ...said] of options) {
    if (isWord(word, 'repeat')) input.repeats = lineOf(said)
    else if (isWord(word, 'nobody')) input.nobody = lineOf(said)
    else if (/^for$/i.test(said[0]?.text ?? '')) input.acknowledged_for = lineOf(said.slice(1))
    else return undefined
  }
  return input
}

const textOf = (tokens: readonly Token[]): string => tokens.map(({ text }) => text).join(' ')

/** A mark before what follows the steps belongs to neither. */
const lineOf = (tokens: readonly Token[]): string => {
  const end = tokens.findLastIndex(({ kind }) => kind !== 'mark')
  return spoken(tokens.slice(0, end + 1))
}

/** Before each of the words that end the steps. */
function cut(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]]
  for (const token of tokens) {
    const ends = (['repeat', 'nobody', 'acknowledged'] as const).some((word) => isWord(token, word))
    if (ends) parts.push([token])
    else parts.at(-1)!.push(token)
  }
  return parts
}

/** `team=payments category="Core database"`: a value may be several words, until the next key. */
function parseConditions(tokens: readonly Token[]): Record<string, string> | undefined {
  const given: Record<string, string> = {}
  let key: string | undefined
  for (const { text, kind } of tokens) {
    const [, name, value] = (kind === 'word' && /^([a-z]+)=(.*)$/i.exec(text)) || []
    if (name !== undefined) {
      key = conditions.find((each) => each === name.toLowerCase())
      if (!key || given[key] !== undefined) return undefined
      given[key] = value!
    } else if (!key) return undefined
    else given[key] = `${given[key]} ${text}`.trim()
  }
  return Object.values(given).some((value) => !value) ? undefined : given
}
