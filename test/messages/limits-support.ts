/** Whatever people may write, and what is asked of every payload made of it. */
import { AdaptiveCard, SerializationContext, Versions } from 'adaptivecards'
import fc from 'fast-check'
import { expect } from 'vitest'

const nasty = fc.constantFrom(
  '<!channel> <!here|x> <@U0EVIL> <#C1|x> <https://evil.example|your bank> &lt;!channel&gt; &amp;',
  '*bold* _it_ ~no~ `code` ```x``` :fire: > quote\n>>> quote\n# h\n- a\n1. b\n[x](https://evil.example) ![i](y)',
  '<at>Ida Torres</at> </at> {{DATE(2026-01-05T14:02:00Z)}} {{{TIME(2026-01-05T14:02:00Z)}} \x24{x}',
  '\ud83d \udc00 \u0000\u0007\u001b[31m\u202eevil\u2066 \u2028',
  'שלום عليكم שלום \u200f',
  '👨‍👩‍👧‍👦🏳️‍🌈🇬🇧e\u0301',
  '<script>alert(1)</script> "\\"',
)
const big = fc
  .tuple(nasty, fc.integer({ min: 1, max: 20_000 }))
  .map(([text, length]) => text.repeat(Math.ceil(length / text.length)))
export const anyText = fc.oneof(
  { weight: 4, arbitrary: nasty },
  { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 200 }) },
  { weight: 1, arbitrary: big },
)

type Json = string | number | boolean | null | undefined | Json[] | { [key: string]: Json }
export type Node = { [key: string]: Json }
/** Every object of a payload, for rules that hold wherever it stands. */
export const nodes = (value: unknown): Node[] =>
  Array.isArray(value)
    ? value.flatMap(nodes)
    : value && typeof value === 'object'
      ? [value as Node, ...Object.values(value).flatMap(nodes)]
      : []
export const length = (value: Json): number => (value as string).length
export const list = (value: Json): Node[] => value as Node[]
export const textOf = (value: Json): number => length((value as Node).text)

export const parses = (json: unknown): void => {
  const context = new SerializationContext(Versions.v1_5)
  const parsed = new AdaptiveCard()
  parsed.parse(json, context)
  const events = Array.from({ length: context.eventCount }, (_, index) => context.getEventAt(index).message)
  expect(events).toEqual([])
  expect(parsed.validateProperties().validationEvents).toEqual([])
}
