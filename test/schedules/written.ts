import { readLayer, type WrittenLayer } from '../../src/core/schedules/layer.ts'
import { type Schedule, shifts } from '../../src/core/schedules/schedule.ts'

/** Layers as the file writes them. */
export const scheduleOf = (
  timeZone: string,
  layers: WrittenLayer[],
  overrides: { from: string; to: string; person: string }[] = [],
): Schedule => ({
  timeZone,
  layers: layers.map(readLayer),
  overrides: overrides.map(({ from, to, person }) => ({
    from: Date.parse(from),
    to: Date.parse(to),
    person,
  })),
})
export const at = (text: string) => new Date(text)
export const daily = (handoff: string, people = ['ida', 'ivo'], start = '2026-01-05'): WrittenLayer => ({
  start,
  rotation: 'daily',
  handoff,
  people,
})
/** The instants at which the holder changes, as `instant person`. */
export const changes = (schedule: Schedule, from: string, until: string) =>
  shifts(schedule, at(from), at(until)).map((shift) => `${shift.from.toISOString()} ${shift.person ?? '-'}`)
/** How a clock on the wall there reads, asked of the platform and not of the library under test. */
export const wall = (zone: string, instant: Date) =>
  new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
    .format(instant)
    .replace(',', '')
