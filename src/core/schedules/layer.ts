/**
 * One layer of a schedule: people who follow each other, turn by turn. Nothing here walks from the start date: which
 * turn an instant belongs to is a division, checked against the turns beside it, because clocks change.
 */
import { instantOf, localDay, readDay } from './zone.ts'

export type Layer = {
  /** Days since 1970-01-01. */
  start: number
  /** How many days a turn lasts. */
  days: number
  /** 1 is Monday; absent: the weekday of the start. */
  weekday?: number
  /** When turns change, minutes after local midnight. */
  handoff: number
  /** Only then, each day; minutes after midnight. `to` at or before `from` is on the next day. */
  hours?: { from: number; to: number }
  /** In order. */
  people: readonly string[]
}

/** As people write it, in the file and in verbs, and as the database keeps it. */
export type WrittenLayer = {
  start: string
  rotation: string
  handoff: string
  hours?: string | null
  people: readonly string[]
}

/** Half-open, in milliseconds; the person is absent from a span that nobody has. */
export type Span = { from: number; to: number; person?: string }

/** A person who is not there keeps the turn and counts as nobody. */
export type Present = (person: string) => boolean

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const rotationForm = /^(daily|weekly|[1-9]\d{0,2}d)$/i
const handoffForm = /^(?:(Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?([01]\d|2[0-3]):([0-5]\d)$/i
const hoursForm = /^([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|(24):(00))$/

export const isRotation = (text: string): boolean => rotationForm.test(text)
export const isHandoff = (text: string): boolean => handoffForm.test(text)
export const isHours = (text: string): boolean => hoursForm.test(text)

/** What was checked before it was stored; anything else is a fault of ours. */
export function readLayer(written: WrittenLayer): Layer {
  const start = readDay(written.start)
  const [, weekday, hour, minute] = handoffForm.exec(written.handoff) ?? []
  if (start === undefined || hour === undefined || !isRotation(written.rotation)) {
    throw new Error('a layer of a schedule is not readable')
  }
  const [, a, b, c, d, midnight] = (written.hours && hoursForm.exec(written.hours)) || []
  return {
    start,
    days: { daily: 1, weekly: 7 }[written.rotation.toLowerCase()] ?? Number.parseInt(written.rotation, 10),
    weekday: weekday === undefined ? undefined : weekdays.indexOf(capital(weekday)) + 1,
    handoff: Number(hour) * 60 + Number(minute),
    hours:
      a === undefined
        ? undefined
        : { from: Number(a) * 60 + Number(b), to: midnight ? 1440 : Number(c) * 60 + Number(d) },
    people: written.people,
  }
}

const capital = (text: string) => text[0]!.toUpperCase() + text.slice(1).toLowerCase()

/** 1 is Monday; 1970-01-01 was a Thursday. */
const weekdayOf = (date: number) => ((((date + 3) % 7) + 7) % 7) + 1

/** The date from which turns are counted: the start, or the first such weekday after it. */
const anchorOf = ({ start, weekday }: Layer): number =>
  weekday === undefined ? start : start + ((weekday - weekdayOf(start) + 7) % 7)

/**
 * When a turn begins. The first person of a layer that starts in the middle of a week has the days before the first
 * hand-off too, so that nobody is missing between the start and then.
 */
const turnStart = (layer: Layer, zone: string, turn: number): number =>
  turn <= 0
    ? instantOf(zone, layer.start, layer.handoff)
    : instantOf(zone, anchorOf(layer) + turn * layer.days, layer.handoff)

/** The turn that an instant belongs to; undefined before the layer starts. */
function turnAt(layer: Layer, zone: string, at: number): number | undefined {
  if (at < turnStart(layer, zone, 0)) return undefined
  const counted = Math.floor((localDay(zone, at) - anchorOf(layer)) / layer.days)
  // A clock put back over midnight makes tomorrow's hand-off come first; one put forward delays today's, and where a
  // whole date was left out (Apia in 2011) yesterday's as well.
  let turn = Math.max(counted + 1, 0)
  while (turn > 0 && turnStart(layer, zone, turn) > at) turn -= 1
  return turn
}

/** The hours of the day that begins on this date; empty when a clock change swallows them. */
const windowOf = (hours: { from: number; to: number }, zone: string, date: number): Span => ({
  from: instantOf(zone, date, hours.from),
  to: instantOf(zone, hours.to > hours.from ? date : date + 1, hours.to),
})

/** Hours that hold an instant begin on one of these dates: two before, where a clock change left a date out. */
const around = [-2, -1, 0, 1]

const isWithinHours = ({ hours }: Layer, zone: string, at: number): boolean => {
  if (!hours) return true
  const today = localDay(zone, at)
  return around.some((off) => {
    const date = today + off
    const { from, to } = windowOf(hours, zone, date)
    return from <= at && at < to
  })
}

/** Who has the layer at an instant: one person, or nobody. */
export function holderOf(layer: Layer, zone: string, at: number, present: Present): string | undefined {
  const turn = turnAt(layer, zone, at)
  if (turn === undefined || !layer.people.length || !isWithinHours(layer, zone, at)) return undefined
  const person = layer.people[turn % layer.people.length]!
  return present(person) ? person : undefined
}

/** Who has the layer when, from one instant to another; in order, without the times that nobody has. */
export function spansOf(layer: Layer, zone: string, from: number, until: number, present: Present): Span[] {
  const begins = Math.max(from, turnStart(layer, zone, 0))
  if (begins >= until || !layer.people.length) return []
  const turns = turnSpans(layer, zone, begins, until).filter(({ person }) => present(person!))
  return layer.hours ? within(turns, windows(layer.hours, zone, begins, until)) : turns
}

function turnSpans(layer: Layer, zone: string, from: number, until: number): Span[] {
  const { people } = layer
  if (people.length === 1) return [{ from, to: until, person: people[0] }]
  const spans: Span[] = []
  let turn = turnAt(layer, zone, from)!
  for (let at = from; at < until; turn += 1) {
    const to = Math.min(until, turnStart(layer, zone, turn + 1))
    if (to > at) spans.push({ from: at, to, person: people[turn % people.length] })
    at = Math.max(at, to)
  }
  return spans
}

function windows(hours: { from: number; to: number }, zone: string, from: number, until: number): Span[] {
  const found: Span[] = []
  const last = localDay(zone, until) + 1
  for (let date = localDay(zone, from) - 2; date <= last; date += 1) {
    const window = windowOf(hours, zone, date)
    const before = found.at(-1)
    if (window.to <= window.from) continue
    // Hours that end in a gap may end after the next ones begin.
    if (before && window.from <= before.to) before.to = Math.max(before.to, window.to)
    else found.push(window)
  }
  return found
}

/** The parts of the spans that lie in the windows; both in order and each without overlaps. */
function within(spans: Span[], among: Span[]): Span[] {
  const parts: Span[] = []
  let first = 0
  for (const span of spans) {
    while (first < among.length && among[first]!.to <= span.from) first += 1
    for (let at = first; at < among.length && among[at]!.from < span.to; at += 1) {
      const from = Math.max(span.from, among[at]!.from)
      const to = Math.min(span.to, among[at]!.to)
      if (to > from) parts.push({ ...span, from, to })
    }
  }
  return parts
}
