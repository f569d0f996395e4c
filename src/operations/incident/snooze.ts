import { z } from 'zod'
import { durationWords, readDuration } from '../../core/duration.ts'
import { snoozeEscalation } from '../../core/escalation/snooze.ts'
import { conflict } from '../../errors.ts'
import { defineOperation } from '../define.ts'
import { incidentKey } from '../perform.ts'
import { changeAndTell } from './change.ts'
import { allAs } from './verb-parts.ts'

const longest = 7 * 86_400

/** `30m`, `2 hours`, or `off`, as seconds. */
const secondsOf = (text: string): number | undefined =>
  text.toLowerCase() === 'off' ? 0 : readDuration(text)

const duration = z
  .string()
  .trim()
  .refine((text) => secondsOf(text) !== undefined, 'must be such as 30m, 2h or 1d, or off')
  .transform((text) => secondsOf(text)!)
  .pipe(z.number().max(longest, 'must be at most 7d'))

export const snooze = defineOperation({
  name: 'snooze',
  summary: 'Pause paging for a while; it goes on by itself, with off at once.',
  input: z.strictObject({ incident: incidentKey, duration }),
  subject: 'incident',
  permission: 'snooze',
  effect: 'write',
  undone: 'KEY was not snoozed',
  button: 'Snooze',
  verb: { words: ['snooze'], usage: 'snooze [INC] <30m|2h|1d|off>', parse: allAs('duration') },
  run: async (scope, { duration: seconds }) => {
    const { tx, orgId, now, incident } = scope
    const until = await snoozeEscalation({ tx, orgId, now }, incident.id, seconds)
    if (!until) {
      throw conflict(`${incident.key} was not snoozed: nobody is being paged for it.`, {
        incidentKey: incident.key,
      })
    }
    const words = seconds ? durationWords(seconds) : undefined
    return changeAndTell(scope, {
      operation: 'snooze',
      change: 'snoozed',
      new: words ? { for: words, until: until.toISOString() } : {},
      to: words,
    })
  },
})
