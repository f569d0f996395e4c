/** Real payloads with a few places changed into something that nobody sends by accident. */
import fc from 'fast-check'

export type Change = { at: number; value: unknown }

/** Stands for taking the place away altogether. */
export const gone = Symbol('gone')

const nested = (depth: number): unknown => {
  let value: unknown = 'deep'
  for (let level = 0; level < depth; level += 1) value = level % 2 ? [value] : { a: value }
  return value
}

const odd: unknown[] = [
  gone,
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  'x\udfffy',
  '\u202eright to left',
  '💥'.repeat(400),
  'word '.repeat(3_000),
  '<!channel> <@UIDA> <https://evil.example|x> &lt;@UIVO&gt;',
  '../../etc/passwd',
  '{"type":"perform","operation":"nothing","input":{}}',
  '{"type":"form","form":"constructor","values":{"incident":{"toString":1}}}',
  '{"type":"share","answer":"x"}',
  '{"hidden":{"channel":{"a":1},"incident":["INC-001"]},"metadata":"[]"}',
  '{"hidden":null,"metadata":7}',
  'null',
  '[]',
  'T0OTHER',
  'U0NOBODY',
  'D1',
  'true',
  [],
  {},
  [null],
  [[]],
  { id: 7 },
  { id: 'UIDA' },
  { id: null, value: { a: 1 } },
  { toString: 1, toJSON: 2, valueOf: 3 },
  JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
  Array.from({ length: 150 }, (_, index) => ({ action_id: `a${index}`, value: '{}' })),
  nested(30),
  nested(70),
]

export const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...odd) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
)

type Holder = Record<string, unknown>

/** Every place in it, outermost first. */
function places(value: unknown, into: [Holder, string][] = []): [Holder, string][] {
  if (typeof value !== 'object' || value === null) return into
  const holder = value as Holder
  for (const key of Object.keys(holder)) into.push([holder, key])
  for (const key of Object.keys(holder)) places(holder[key], into)
  return into
}

export function changed(payload: Record<string, unknown>, changes: Change[]): Record<string, unknown> {
  const copy = structuredClone(payload)
  for (const { at, value } of changes) {
    const all = places(copy)
    if (!all.length) return copy
    const [holder, key] = all[at % all.length]!
    if (value === gone) delete holder[key]
    else holder[key] = structuredClone(value)
  }
  return copy
}
