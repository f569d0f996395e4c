import { parseKey } from '../core/incidents.ts'
import type { AnyOperation } from '../operations/define.ts'
import { incidentKey } from '../operations/perform.ts'

export type Reading =
  /** A verb with its input; `incident` is missing when no key was typed. */
  | { kind: 'verb'; operation: AnyOperation; input: Record<string, unknown> }
  /** A verb that was begun and not finished; the key is the one that was typed. */
  | { kind: 'usage'; operation: AnyOperation; key?: string }
  /** Nothing but white space. */
  | { kind: 'bare' }
  /** No verb: for the agent. */
  | { kind: 'text'; text: string }

/**
 * Reads a line as a verb. The key comes right after the verb; words that do not fit the verb make the line a plain
 * sentence ("resolve the DNS question first"), unless a key or nothing at all follows it: then it is a verb begun.
 */
export function readLine(line: string, operations: readonly AnyOperation[]): Reading {
  const text = line.trim()
  if (text === '') return { kind: 'bare' }
  const found = findVerb(text, operations)
  if (!found) return { kind: 'text', text }
  const { operation, rest } = found
  if (operation.subject !== 'incident') {
    const input = operation.verb!.parse(rest)
    if (input) return { kind: 'verb', operation, input }
    return rest === '' || found.words > 1 ? { kind: 'usage', operation } : { kind: 'text', text }
  }
  const [first = ''] = rest.split(/\s/, 1)
  const hasKey = parseKey(first) !== undefined
  const input = operation.verb!.parse(hasKey ? rest.slice(first.length).trim() : rest)
  if (input) return { kind: 'verb', operation, input: hasKey ? { incident: first, ...input } : input }
  // `merge INC-002`: the only key was the verb's own argument, the incident is the conversation's.
  const whole = hasKey ? operation.verb!.parse(rest) : undefined
  if (whole && Object.keys(whole).some((name) => isKey(operation, name)))
    return { kind: 'verb', operation, input: whole }
  if (hasKey) return { kind: 'usage', operation, key: first.toUpperCase() }
  return rest === '' ? { kind: 'usage', operation } : { kind: 'text', text }
}

/** `reopen INC-002` names no reason "INC-002": only what asks for a key takes one as its argument. */
const isKey = (operation: AnyOperation, name: string): boolean => operation.input.shape[name] === incidentKey

/** The operation with the longest verb that the line begins with. */
function findVerb(
  text: string,
  operations: readonly AnyOperation[],
): { operation: AnyOperation; rest: string; words: number } | undefined {
  const words = text.split(/\s+/)
  const lower = words.slice(0, 3).map((word) => word.toLowerCase())
  let best: { operation: AnyOperation; words: number } | undefined
  for (const operation of operations) {
    if (!operation.verb) continue
    const forms = [operation.verb.words, ...(operation.verb.aliases ?? []).map((alias) => alias.split(' '))]
    for (const form of forms) {
      const fits = form.every((word, index) => lower[index] === word)
      if (fits && form.length > (best?.words ?? 0)) best = { operation, words: form.length }
    }
  }
  if (!best) return undefined
  const rest = text.replace(new RegExp(`^(\\S+\\s*){${best.words}}`), '').trim()
  return { ...best, rest }
}
