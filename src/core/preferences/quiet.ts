import { instantOf, isTimeZone, localDay } from '../schedules/zone.ts'
import type { QuietHours } from './preference.ts'

const minutesOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3))

/** Whose zone is not known has UTC for theirs. */
export const zoneOf = (zone: string | null): string => (zone && isTimeZone(zone) ? zone : 'UTC')

/**
 * When the quiet hours that an instant lies in are over; undefined outside of them. Instants are milliseconds since
 * 1970. On the day of a clock change they begin and end by the clock on the wall.
 */
export function quietUntil(quiet: QuietHours, zone: string, at: number): number | undefined {
  const [from, to] = [minutesOf(quiet.from), minutesOf(quiet.to)]
  if (from === to) return undefined
  const today = localDay(zone, at)
  // Those that began yesterday may still last.
  for (const day of [today - 1, today]) {
    const ends = instantOf(zone, to < from ? day + 1 : day, to)
    if (instantOf(zone, day, from) <= at && at < ends) return ends
  }
  return undefined
}

/**
 * Puts ways that would fall into quiet hours off until these are over; the later ones keep their distance to them.
 * @param ways earliest first.
 */
export function afterQuietHours<T extends { afterSeconds: number }>(
  ways: T[],
  quiet: QuietHours,
  zone: string,
  now: Date,
): T[] {
  let putOff = 0
  return ways.map((way) => {
    const at = now.getTime() + way.afterSeconds * 1000 + putOff
    putOff += (quietUntil(quiet, zone, at) ?? at) - at
    return { ...way, afterSeconds: way.afterSeconds + putOff / 1000 }
  })
}
