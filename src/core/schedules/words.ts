/** Schedules in words. Times are the schedule's own clock, and its zone is named beside them. */
import type { WrittenLayer } from './layer.ts'
import { nameOf, type StoredSchedule } from './load.ts'
import type { Shift } from './schedule.ts'
import { minute } from './zone.ts'

/** Quotes, signs and case are no part of a name. */
export const plainName = (text: string): string =>
  text
    .trim()
    .replace(/^["'“”](.*)["'“”]$/, '$1')
    .replace(/^[#@]/, '')
    .replaceAll(/\s+/g, ' ')
    .toLowerCase()

const format = (zone: string, options: Intl.DateTimeFormatOptions, at: Date): string =>
  new Intl.DateTimeFormat('en-GB', { timeZone: zone, ...options }).format(at).replaceAll(',', '')

/** `Mon 12 Jan 09:00`, with the year unless it is near. */
export function time(zone: string, at: Date, now: Date): string {
  const near = Math.abs(at.getTime() - now.getTime()) < 300 * 24 * 60 * minute
  return format(
    zone,
    {
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      ...(!near && { year: 'numeric' }),
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    },
    at,
  )
}

export const clock = (zone: string, at: Date): string =>
  format(zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }, at)

const date = (zone: string, at: Date): string =>
  format(zone, { weekday: 'short', day: 'numeric', month: 'short' }, at)

/** `2026-01-12T09:00`, as verbs take it. */
export function typed(zone: string, at: Date): string {
  const [day, month, year] = format(zone, { year: 'numeric', month: '2-digit', day: '2-digit' }, at).split(
    '/',
  )
  return `${year}-${month}-${day}T${clock(zone, at)}`
}

/** `Mon 12 Jan 18:00 to 23:00`, the second date only where it is another. */
export function stretch(zone: string, from: Date, to: Date, now: Date): string {
  const end = date(zone, from) === date(zone, to) ? clock(zone, to) : time(zone, to, now)
  return `${time(zone, from, now)} to ${end}`
}

/** `weekly from 2026-01-05, Mon 09:00, 18:00-09:00: Ida Torres, Ivo Lang` */
export function layerWords(layer: WrittenLayer, nameOfPerson: (id: string) => string): string {
  const rotation = /^\d/.test(layer.rotation)
    ? `every ${Number.parseInt(layer.rotation, 10)} days`
    : layer.rotation
  const facts = [`${rotation} from ${layer.start}`, layer.handoff, ...(layer.hours ? [layer.hours] : [])]
  return `${facts.join(', ')}: ${layer.people.map(nameOfPerson).join(', ')}`
}

/** A deactivated person is named, and why they count as nobody. */
export const memberName = (schedule: StoredSchedule) => (id: string) =>
  `${nameOf(schedule, id)}${schedule.absent?.has(id) ? ' (deactivated: nobody)' : ''}`

/** Gaps that come back at the same hours are one line: `18:00 to 09:00, 5 times from Mon 12 Jan`. */
export function gapLines(zone: string, gaps: Shift[], now: Date): string[] {
  const alike = Map.groupBy(gaps, ({ from, to }) =>
    to.getTime() - from.getTime() < 24 * 60 * minute ? `${clock(zone, from)} to ${clock(zone, to)}` : '',
  )
  return [...alike].flatMap(([hours, group]) =>
    hours && group.length > 2
      ? [`${hours}, ${group.length} times from ${date(zone, group[0]!.from)}`]
      : group.map(({ from, to }) => stretch(zone, from, to, now)),
  )
}
