/**
 * Who is on call, as pure functions of a schedule and an instant. At every instant there is exactly one answer: the
 * newest override that has somebody, else the last layer that has somebody, else nobody.
 *
 * A deactivated person keeps the turn and counts as nobody. Leaving them out of the rotation would move everybody
 * else's turns without a word; so what they leave open shows instead, as the layer beneath or as a gap that is told.
 */
import { holderOf, type Layer, type Present, type Span, spansOf } from './layer.ts'
import { day } from './zone.ts'

export type Override = { from: number; to: number; person: string }

export type Schedule = {
  timeZone: string
  /** The last one that has somebody wins. */
  layers: readonly Layer[]
  /** In the order in which they were made: the newest wins. */
  overrides: readonly Override[]
  /** Those who count as nobody. */
  absent?: ReadonlySet<string>
}

/** From one hand-off to the next, half-open; without a person it is a gap. */
export type Shift = { from: Date; to: Date; person?: string }

const presence =
  ({ absent }: Schedule): Present =>
  (person) =>
    !absent?.has(person)

export function whoIsOnCall(schedule: Schedule, instant: Date): string | undefined {
  const at = instant.getTime()
  const present = presence(schedule)
  const covering = schedule.overrides.findLast(
    ({ from, to, person }) => from <= at && at < to && present(person),
  )
  if (covering) return covering.person
  for (const layer of schedule.layers.toReversed()) {
    const holder = holderOf(layer, schedule.timeZone, at, present)
    if (holder) return holder
  }
  return undefined
}

/** Everything from one instant to another, cut where the person changes: no overlaps, nothing left out. */
export function shifts(schedule: Schedule, from: Date, until: Date): Shift[] {
  const [begin, end] = [from.getTime(), until.getTime()]
  const present = presence(schedule)
  let held: Span[] = []
  for (const layer of schedule.layers) {
    held = overlay(held, spansOf(layer, schedule.timeZone, begin, end, present))
  }
  for (const override of schedule.overrides) {
    const span = { ...override, from: Math.max(override.from, begin), to: Math.min(override.to, end) }
    if (span.from < span.to && present(span.person)) held = overlay(held, [span])
  }
  return withGaps(held, begin, end)
}

export const gaps = (schedule: Schedule, from: Date, until: Date): Shift[] =>
  shifts(schedule, from, until).filter(({ person }) => person === undefined)

/** How far a shift's ends are looked for, in days: near ones are the common case. */
const reaches = [9, 60, 400]

export type Current = {
  /** Absent: nobody. */
  person?: string
  /** Absent: further away than anybody looks, 400 days. */
  from?: Date
  to?: Date
  /** Who comes then; absent: nobody. */
  next?: string
}

/** The shift, or the gap, that an instant lies in. */
export function shiftAt(schedule: Schedule, instant: Date): Current {
  const person = whoIsOnCall(schedule, instant)
  const current: Current = { person }
  for (const reach of reaches) {
    const until = new Date(instant.getTime() + reach * day)
    const [first, second] = shifts(schedule, instant, until)
    if (!second) continue
    current.to = first!.to
    current.next = second.person
    break
  }
  for (const reach of reaches) {
    const since = new Date(instant.getTime() - reach * day)
    // One millisecond more, so that the instant itself is in it.
    const last = shifts(schedule, since, new Date(instant.getTime() + 1)).at(-1)!
    if (last.from.getTime() === since.getTime()) continue
    current.from = last.from
    break
  }
  return current
}

/** Both in order and without overlaps; where both have somebody, the upper one. */
function overlay(under: Span[], over: Span[]): Span[] {
  if (!over.length) return under
  const result: Span[] = []
  let next = 0
  for (const span of under) {
    let { from } = span
    while (next < over.length && over[next]!.to <= from) next += 1
    for (let at = next; at < over.length && over[at]!.from < span.to; at += 1) {
      if (over[at]!.from > from) result.push({ ...span, from, to: over[at]!.from })
      from = Math.max(from, over[at]!.to)
    }
    if (from < span.to) result.push({ ...span, from })
  }
  return [...result, ...over].sort((a, b) => a.from - b.from)
}

function withGaps(held: Span[], begin: number, end: number): Shift[] {
  const found: Span[] = []
  const add = (span: Span) => {
    const before = found.at(-1)
    if (before && before.person === span.person) before.to = span.to
    else if (span.to > span.from) found.push({ ...span })
  }
  let at = begin
  for (const span of held) {
    if (span.from > at) add({ from: at, to: span.from })
    add(span)
    at = span.to
  }
  if (at < end) add({ from: at, to: end })
  return found.map(({ from, to, person }) => ({ from: new Date(from), to: new Date(to), person }))
}
