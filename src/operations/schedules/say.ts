import { plain } from '../../core/labels.ts'
import type { Part } from '../../core/outcome.ts'
import { nameOf, type StoredSchedule } from '../../core/schedules/load.ts'
import { type Current, shiftAt } from '../../core/schedules/schedule.ts'
import { time } from '../../core/schedules/words.ts'

export const nobody = 'nobody'

/** The holder first, then until when, then who is next: `Ida Torres is on call for payments until …` */
export function onCallSentence(schedule: StoredSchedule, at: Date, now: Date): string {
  const current = shiftAt(schedule, at)
  const holder = current.person ? nameOf(schedule, current.person) : 'Nobody'
  const then = at.getTime() === now.getTime() ? '' : ` on ${time(schedule.timeZone, at, now)},`
  const until = current.to ? ` until ${time(schedule.timeZone, current.to, now)}` : ''
  const line = `${holder} is on call for ${schedule.name}${then}${until} (${schedule.timeZone}).`
  return `${line} ${nextSentence(schedule, current)}`
}

const nextSentence = (schedule: StoredSchedule, { to, next }: Current): string => {
  if (!to) return 'No hand-off is ahead.'
  return next ? `Next: ${nameOf(schedule, next)}.` : `Next: ${nobody}, a gap.`
}

/** Names that the configuration file did not give are their bearers' own words. */
export const authorsOf = (schedules: StoredSchedule[]): string[] => [
  ...new Set(schedules.flatMap(({ selfNamed }) => selfNamed)),
]

export const sentence = (schedules: StoredSchedule[], text: string): Part => ({
  kind: 'sentence',
  label: plain,
  authors: authorsOf(schedules),
  text,
})
