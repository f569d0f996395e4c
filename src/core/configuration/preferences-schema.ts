import { z } from 'zod'
import { readDuration } from '../duration.ts'
import { words } from './parts.ts'

/** The file's `preferences`: for people who set none. */

const after = z.string('must be a duration such as 45s, 5m or 2h').refine((text) => {
  const seconds = readDuration(text)
  return seconds !== undefined && seconds <= 86_400
}, 'must be a duration such as 45s, 5m or 2h, one day at most')
const clock = z
  .string('must be a time such as "18:00", quoted')
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as "18:00", quoted')
const ways = z
  .array(z.strictObject({ route: words(60), after }))
  .min(1, 'must have at least one route')
  .max(8, 'may have eight routes at most')

export const preferences = z.strictObject({
  high: ways.optional(),
  low: ways.optional(),
  quiet_hours: z.strictObject({ from: clock, to: clock }).optional(),
})
