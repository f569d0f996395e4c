import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readLayer, type WrittenLayer } from '../../src/core/schedules/layer.ts'
import { gaps, type Schedule, shiftAt, shifts, whoIsOnCall } from '../../src/core/schedules/schedule.ts'
import { daily, scheduleOf, wall } from './written.ts'

const zones = [
  'America/Chicago',
  'Europe/London',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Africa/Casablanca',
  'Pacific/Apia',
]

const tenYears = { from: Date.UTC(2016, 0, 1), to: Date.UTC(2026, 0, 1) }
const zone = fc.constantFrom(...zones)
const instant = fc.integer({ min: tenYears.from, max: tenYears.to }).map((ms) => new Date(ms))
/** Those of the change of date in Apia, and of every zone's clock changes, are drawn more often than by chance. */
const tricky = fc
  .tuple(
    fc.constantFrom(
      '2011-12-30',
      '2025-03-09',
      '2025-11-02',
      '2025-03-30',
      '2025-10-26',
      '2025-04-06',
      '2025-02-23',
    ),
    fc.integer({ min: -30 * 60, max: 30 * 60 }),
  )
  .map(([date, minutes]) => new Date(Date.parse(date) + minutes * 60_000))
const clock = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'))
const weekday = fc.constantFrom('', 'Mon ', 'Wed ', 'Sun ')
const people = fc.integer({ min: 1, max: 4 }).map((count) => ['ida', 'ivo', 'lena', 'maya'].slice(0, count))
const layer = fc.record({
  start: fc.constantFrom('2011-12-27', '2014-02-28', '2015-10-24', '2015-12-29'),
  rotation: fc.constantFrom('daily', 'weekly', '3d', '10d'),
  handoff: fc.tuple(weekday, clock).map(([on, time]) => on + time),
  people,
})
const restricted = fc
  .tuple(layer, clock, clock)
  .map(([base, from, to]): WrittenLayer => ({ ...base, hours: `${from}-${to}` }))
const any = fc
  .tuple(
    zone,
    fc.array(fc.oneof(layer, restricted), { maxLength: 3 }),
    fc.array(
      fc.tuple(fc.oneof(instant, tricky), fc.integer({ min: 1, max: 200 }), fc.constantFrom('olga', 'finn')),
      { maxLength: 2 },
    ),
    fc.subarray(['ida', 'olga']),
  )
  .map(
    ([timeZone, layers, covers, absent]): Schedule => ({
      timeZone,
      layers: layers.map(readLayer),
      overrides: covers.map(([from, hours, person]) => ({
        from: from.getTime(),
        to: from.getTime() + hours * 3_600_000,
        person,
      })),
      absent: new Set(absent),
    }),
  )

describe('over ten years in six zones', () => {
  test('a full layer has exactly one person at every instant', () => {
    fc.assert(
      fc.property(zone, layer, instant, (timeZone, full, when) => {
        const schedule = scheduleOf(timeZone, [full])
        expect(full.people).toContain(whoIsOnCall(schedule, when))
      }),
      { numRuns: 500 },
    )
    for (const timeZone of zones) {
      const schedule = scheduleOf(timeZone, [daily('02:30', ['ida', 'ivo', 'lena'], '2015-12-01')])
      expect(gaps(schedule, new Date(tenYears.from), new Date(tenYears.to))).toEqual([])
    }
  })

  test('shifts leave nothing out, overlap nowhere, and change the person', () => {
    fc.assert(
      fc.property(any, fc.oneof(instant, tricky), fc.integer({ min: 1, max: 60 }), (schedule, from, days) => {
        const until = new Date(from.getTime() + days * 86_400_000)
        const parts = shifts(schedule, from, until)
        expect(parts[0]!.from).toEqual(from)
        expect(parts.at(-1)!.to).toEqual(until)
        for (const [index, part] of parts.entries()) {
          expect(part.to.getTime()).toBeGreaterThan(part.from.getTime())
          const next = parts[index + 1]
          if (!next) continue
          expect(next.from).toEqual(part.to)
          expect(next.person).not.toBe(part.person)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('who is on call is who has the shift, at its first and its last millisecond and between', () => {
    fc.assert(
      fc.property(any, fc.oneof(instant, tricky), (schedule, from) => {
        const until = new Date(from.getTime() + 10 * 86_400_000)
        for (const shift of shifts(schedule, from, until)) {
          const [first, last] = [shift.from.getTime(), shift.to.getTime() - 1]
          for (const ms of [first, Math.floor((first + last) / 2), last]) {
            expect(whoIsOnCall(schedule, new Date(ms))).toBe(shift.person)
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  test('turns change when the clock on the wall says so, unless the clock skips that time', () => {
    for (const timeZone of zones) {
      const schedule = scheduleOf(timeZone, [
        { start: '2015-12-07', rotation: 'weekly', handoff: 'Mon 09:00', people: ['ida', 'ivo', 'lena'] },
      ])
      const parts = shifts(schedule, new Date(tenYears.from), new Date(tenYears.to)).slice(1)
      expect(parts.length).toBeGreaterThan(500)
      for (const shift of parts) expect(wall(timeZone, shift.from)).toBe('Mon 09:00')
    }
  })

  test('the shift around an instant is the one that the list of shifts has', () => {
    fc.assert(
      fc.property(any, fc.oneof(instant, tricky), (schedule, when) => {
        const current = shiftAt(schedule, when)
        const from = new Date(when.getTime() - 8 * 86_400_000)
        const until = new Date(when.getTime() + 8 * 86_400_000)
        const index = shifts(schedule, from, until).findIndex(({ to }) => to > when)
        const listed = shifts(schedule, from, until)[index]!
        expect(current.person).toBe(listed.person)
        if (listed.from > from) expect(current.from).toEqual(listed.from)
        if (listed.to < until) expect(current.to).toEqual(listed.to)
        if (listed.to < until) expect(current.next).toBe(shifts(schedule, from, until)[index + 1]!.person)
      }),
      { numRuns: 200 },
    )
  })

  test('a lookup ten years after the start takes less than a millisecond', () => {
    const schedule = scheduleOf('America/Chicago', [
      daily('09:00', ['ida', 'ivo', 'lena'], '2006-01-01'),
      { ...daily('18:00', ['ivo'], '2006-01-01'), hours: '18:00-09:00' },
    ])
    const lookup = (index: number) => whoIsOnCall(schedule, new Date(tenYears.to - index * 7_300_000))
    for (let index = 0; index < 200; index += 1) lookup(index)
    // The processor's time: others may be at work on the machine. In microseconds.
    const began = process.cpuUsage()
    for (let index = 0; index < 1_000; index += 1) lookup(index)
    expect(process.cpuUsage(began).user / 1_000).toBeLessThan(1_000)
  })
})
