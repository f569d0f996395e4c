/** What the page may send. Who sends it is never among it. */
import { z } from 'zod'
import { cleanJson } from '../../core/clean-text.ts'
import { Refusal } from './refusal.ts'

export const maxBytes = 64 * 1024
const maxDepth = 16

const eventId = z.string().regex(/^[A-Za-z0-9-]{8,64}$/)
const pageId = z.string().regex(/^[A-Za-z0-9-]{1,64}$/)
const name = z.string().min(1).max(200)
const anything = z.record(z.string(), z.unknown())

export const buttonAction = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('perform'),
    operation: name,
    input: anything,
    asOf: z.int().nonnegative().optional(),
  }),
  z.strictObject({ type: z.literal('form'), form: name, values: anything.optional() }),
  z.strictObject({ type: z.literal('share'), answer: name }),
])

export const sessionBody = z.strictObject({ user: name })
export const messageBody = z.strictObject({
  eventId,
  channel: name,
  text: z.string().min(1).max(8_000),
  thread: name.optional(),
  page: pageId,
})
export const actionBody = z.strictObject({ eventId, message: name, action: buttonAction, page: pageId })
export const formBody = z.strictObject({
  eventId,
  channel: name,
  thread: name.optional(),
  operation: name,
  values: z.record(z.string().max(200), z.string().max(20_000)),
  hidden: anything,
})
export const eventsQuery = z.object({ page: pageId, after: z.string().max(64).optional() })

/** @throws Refusal 400 that names the first field that is wrong. */
export function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  if (value === null || typeof value !== 'object') throw new Refusal(400, 'A JSON object is needed.')
  if (deeperThan(value, maxDepth)) throw new Refusal(400, 'The JSON is nested too deeply.')
  const parsed = schema.safeParse(cleanJson(value))
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const field = issue?.path.join('.').slice(0, 60)
  throw new Refusal(400, `${field || 'The body'}: ${issue?.message.slice(0, 120) ?? 'is wrong'}.`)
}

const deeperThan = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => deeperThan(inner, levels - 1)))
