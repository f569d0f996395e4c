/** Local time and instants: the only file that asks for a zone's rules. Instants are milliseconds since 1970. */
import { Temporal } from 'temporal-polyfill'

export const day = 86_400_000
export const minute = 60_000

export function isTimeZone(name: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name)
    return true
  } catch {
    return false
  }
}

/** The zone's calendar date at an instant, as days since 1970-01-01. */
export function localDay(zone: string, at: number): number {
  const { offsetNanoseconds } = Temporal.Instant.fromEpochMilliseconds(Math.floor(at)).toZonedDateTimeISO(
    zone,
  )
  return Math.floor((at + offsetNanoseconds / 1e6) / day)
}

/**
 * The instant of a local date and time, `minutes` after midnight (1440 is the next midnight). RFC 5545 3.3.5: a local
 * time that a clock change skips is read with the offset before the gap, one that it repeats is the first of the two;
 * Temporal calls this `compatible`.
 */
export function instantOf(zone: string, date: number, minutes: number): number {
  const at = new Date(date * day + minutes * minute)
  return new Temporal.PlainDateTime(
    at.getUTCFullYear(),
    at.getUTCMonth() + 1,
    at.getUTCDate(),
    at.getUTCHours(),
    at.getUTCMinutes(),
  ).toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds
}

/** `2026-01-05` as days since 1970-01-01; undefined when the calendar has no such day. */
export function readDay(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined
  const at = Date.parse(`${text}T00:00:00Z`)
  // Date.parse takes 31 February for a day in March.
  return Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text ? undefined : at / day
}

/** `2026-12-24T09:00` in the zone, or with a Z in UTC; undefined when it is no time. */
export function readInstant(zone: string, text: string): number | undefined {
  const [, date, hour, min, second, utc] =
    /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?(Z?)$/i.exec(text) ?? []
  const on = date === undefined ? undefined : readDay(date)
  if (on === undefined) return undefined
  return (
    instantOf(utc ? 'UTC' : zone, on, Number(hour) * 60 + Number(min)) + (second ? Number(second) * 1000 : 0)
  )
}
