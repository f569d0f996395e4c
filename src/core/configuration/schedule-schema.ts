import { z } from 'zod'
import { isHandoff, isHours, isRotation } from '../schedules/layer.ts'
import { isTimeZone, readDay, readInstant } from '../schedules/zone.ts'
import { words } from './parts.ts'

/** The file's `schedules`. What is a real date, time and zone is for the schedules themselves to say. */

const written = (is: (text: string) => boolean, wrong: string) => z.string(wrong).trim().refine(is, wrong)
const someone = z.string('must be text').trim().toLowerCase()
const day = written((text) => readDay(text) !== undefined, 'must be a date such as 2026-01-05')
const instant = written(
  (text) => readInstant('UTC', text) !== undefined,
  'must be a time such as 2026-12-24T09:00',
)

const layer = z.strictObject({
  start: day,
  rotation: written(isRotation, 'must be daily, weekly or such as 3d'),
  handoff: written(isHandoff, 'must be such as "Mon 09:00" or "18:00", quoted'),
  hours: written(isHours, 'must be hours such as "18:00-09:00", quoted').optional(),
  people: z.array(someone).min(1, 'must name at least one person'),
})

export const schedule = z
  .strictObject({
    name: words(60),
    team: words(60).optional(),
    time_zone: written(isTimeZone, 'must be a time zone such as Europe/London'),
    layers: z.array(layer),
    overrides: z.array(z.strictObject({ from: instant, to: instant, person: someone })).default([]),
  })
  .superRefine(({ time_zone, overrides }, context) => {
    // What is wrong by itself has been said already.
    if (!isTimeZone(time_zone)) return
    for (const [index, { from, to }] of overrides.entries()) {
      const [begins, ends] = [readInstant(time_zone, from), readInstant(time_zone, to)]
      if (begins === undefined || ends === undefined || begins < ends) continue
      context.addIssue({
        code: 'custom',
        path: ['overrides', index, 'to'],
        message: 'must be later than from',
      })
    }
  })
