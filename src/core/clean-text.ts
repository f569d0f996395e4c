import { z } from 'zod'

/** Text that Postgres cannot store is cleaned, not crashed on: NUL and lone surrogates go, line ends become \n. */
export const cleanText = (text: string): string =>
  text.replaceAll('\u0000', '').replaceAll(/\r\n?/g, '\n').toWellFormed()

/** Cleans every string inside a JSON value, keys included. */
export function cleanJson<T>(value: T): T {
  if (typeof value === 'string') return cleanText(value) as T
  if (Array.isArray(value)) return value.map(cleanJson) as T
  if (value && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [cleanText(key), cleanJson(inner)]),
    ) as T
  }
  return value
}

/** Postgres stores neither a NUL nor half a surrogate pair. */
const unstorable = /\\u0000|\\ud[89a-f]/i

/** A payload as the JSON that is stored; cleaned only where Postgres could not take it. */
export function storableJson(payload: object): string {
  const json = JSON.stringify(payload)
  return unstorable.test(json) ? JSON.stringify(cleanJson(payload)) : json
}

/** People's words in one line, trimmed, at least one character of substance. `max` counts UTF-16 units. */
export const line = (max: number) =>
  z
    .string()
    .transform((text) => cleanText(text).replaceAll(/\s+/g, ' ').trim())
    .pipe(z.string().min(1, 'must not be empty').max(max, `must be at most ${max} characters`))

/** People's words over several lines. */
export const paragraph = (max: number) =>
  z
    .string()
    .transform((text) => cleanText(text).trim())
    .pipe(z.string().min(1, 'must not be empty').max(max, `must be at most ${max} characters`))
