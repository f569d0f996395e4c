import { describe, expect, test } from 'vitest'
import type { WrittenLayer } from '../../src/core/schedules/layer.ts'
import { gaps, shiftAt, shifts, whoIsOnCall } from '../../src/core/schedules/schedule.ts'
import { at, changes, daily, scheduleOf, wall } from './written.ts'

describe('an hour that the clock skips is read with the offset before it', () => {
  test.each([
    ['America/Chicago', '02:30', '2026-03-08T08:30:00.000Z', 'Sun 03:30', '2026-03-07', '2026-03-09'],
    ['Europe/London', '01:30', '2026-03-29T01:30:00.000Z', 'Sun 02:30', '2026-03-28', '2026-03-30'],
    ['Australia/Lord_Howe', '02:15', '2026-10-03T15:45:00.000Z', 'Sun 02:45', '2026-10-03', '2026-10-04'],
    [
      'Africa/Casablanca',
      '02:30',
      '2026-03-22T02:30:00.000Z',
      'Sun 03:30',
      '2026-03-21T12:00',
      '2026-03-22T12:00',
    ],
  ])('%s at %s', (timeZone, handoff, expected, shown, from, until) => {
    const found = changes(
      scheduleOf(timeZone, [daily(handoff)]),
      `${from.padEnd(16, 'T00:00')}Z`,
      `${until.padEnd(16, 'T00:00')}Z`,
    )
    expect(found.some((line) => line.startsWith(expected))).toBe(true)
    expect(wall(timeZone, at(expected))).toBe(shown)
  })
})

describe('an hour that the clock repeats is the first of the two', () => {
  test.each([
    ['America/Chicago', '01:30', '2026-11-01T06:30:00.000Z', '2026-11-01T07:30:00.000Z'],
    ['Europe/London', '01:30', '2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z'],
    ['Australia/Lord_Howe', '01:45', '2026-04-04T14:45:00.000Z', '2026-04-04T15:15:00.000Z'],
    ['Africa/Casablanca', '02:30', '2026-02-15T01:30:00.000Z', '2026-02-15T02:30:00.000Z'],
  ])('%s at %s', (timeZone, handoff, first, second) => {
    const schedule = scheduleOf(timeZone, [daily(handoff)])
    const before = whoIsOnCall(schedule, new Date(at(first).getTime() - 1))
    expect(whoIsOnCall(schedule, at(first))).not.toBe(before)
    expect(whoIsOnCall(schedule, new Date(at(second).getTime() - 1))).toBe(whoIsOnCall(schedule, at(first)))
    expect(whoIsOnCall(schedule, at(second))).toBe(whoIsOnCall(schedule, at(first)))
    expect(wall(timeZone, at(first))).toBe(wall(timeZone, at(second)))
  })
})

describe('places with rules of their own', () => {
  test('Apia left out the whole of 30 December 2011: that turn has no time, the ones around it do', () => {
    const schedule = scheduleOf('Pacific/Apia', [daily('18:00', ['ida', 'ivo', 'lena'], '2011-12-28')])
    expect(changes(schedule, '2011-12-29T04:00:00Z', '2012-01-01T04:00:00Z')).toEqual([
      '2011-12-29T04:00:00.000Z ida',
      '2011-12-30T04:00:00.000Z ivo',
      '2011-12-31T04:00:00.000Z ida',
    ])
  })

  test('Kathmandu is 5 h 45 min ahead and changes nothing', () => {
    expect(
      changes(scheduleOf('Asia/Kathmandu', [daily('09:00')]), '2026-03-01T00:00:00Z', '2026-03-03T00:00:00Z'),
    ).toEqual([
      '2026-03-01T00:00:00.000Z ida',
      '2026-03-01T03:15:00.000Z ivo',
      '2026-03-02T03:15:00.000Z ida',
    ])
  })

  test('a night shift over the spring change in London is an hour shorter, in autumn an hour longer', () => {
    const schedule = scheduleOf('Europe/London', [{ ...daily('18:00', ['ivo']), hours: '18:00-09:00' }])
    const hours = (from: string, until: string) =>
      shifts(schedule, at(from), at(until))
        .filter(({ person }) => person)
        .map((shift) => (shift.to.getTime() - shift.from.getTime()) / 3_600_000)
    expect(hours('2026-03-28T12:00Z', '2026-03-29T12:00Z')).toEqual([14])
    expect(hours('2026-10-24T12:00Z', '2026-10-25T12:00Z')).toEqual([16])
  })
})

describe('layers and overrides', () => {
  const base: WrittenLayer = {
    start: '2026-01-05',
    rotation: 'weekly',
    handoff: 'Mon 09:00',
    people: ['ida', 'ivo'],
  }
  const nights: WrittenLayer = { ...daily('18:00', ['lena']), hours: '18:00-09:00' }

  test('the last layer that has somebody wins, an override wins over every layer', () => {
    const schedule = scheduleOf(
      'Europe/London',
      [base, nights],
      [{ from: '2026-01-06T20:00Z', to: '2026-01-06T22:00Z', person: 'olga' }],
    )
    expect(changes(schedule, '2026-01-06T12:00:00Z', '2026-01-07T12:00:00Z')).toEqual([
      '2026-01-06T12:00:00.000Z ida',
      '2026-01-06T18:00:00.000Z lena',
      '2026-01-06T20:00:00.000Z olga',
      '2026-01-06T22:00:00.000Z lena',
      '2026-01-07T09:00:00.000Z ida',
    ])
  })

  test('of two overrides the one made last wins', () => {
    const schedule = scheduleOf(
      'Europe/London',
      [base],
      [
        { from: '2026-01-06T10:00Z', to: '2026-01-06T20:00Z', person: 'olga' },
        { from: '2026-01-06T12:00Z', to: '2026-01-06T14:00Z', person: 'finn' },
      ],
    )
    expect(changes(schedule, '2026-01-06T10:00:00Z', '2026-01-06T21:00:00Z')).toEqual([
      '2026-01-06T10:00:00.000Z olga',
      '2026-01-06T12:00:00.000Z finn',
      '2026-01-06T14:00:00.000Z olga',
      '2026-01-06T20:00:00.000Z ida',
    ])
  })

  test('a deactivated person keeps the turn: a gap shows, nobody else is moved', () => {
    const schedule = { ...scheduleOf('Europe/London', [base]), absent: new Set(['ivo']) }
    expect(changes(schedule, '2026-01-05T09:00:00Z', '2026-01-26T09:00:00Z')).toEqual([
      '2026-01-05T09:00:00.000Z ida',
      '2026-01-12T09:00:00.000Z -',
      '2026-01-19T09:00:00.000Z ida',
    ])
    expect(gaps(schedule, at('2026-01-05T09:00Z'), at('2026-01-26T09:00Z'))).toEqual([
      { from: at('2026-01-12T09:00Z'), to: at('2026-01-19T09:00Z'), person: undefined },
    ])
  })

  test('nobody before the start; whoever is first has the days before the first weekday too', () => {
    const schedule = scheduleOf('Europe/London', [{ ...base, start: '2026-01-07' }])
    expect(changes(schedule, '2026-01-07T00:00:00Z', '2026-01-20T00:00:00Z')).toEqual([
      '2026-01-07T00:00:00.000Z -',
      '2026-01-07T09:00:00.000Z ida',
      '2026-01-19T09:00:00.000Z ivo',
    ])
  })

  test('hours may end at midnight, and the same hour twice is the whole day', () => {
    const evening = scheduleOf('Europe/London', [{ ...daily('09:00', ['ida']), hours: '18:00-24:00' }])
    expect(changes(evening, '2026-01-06T12:00:00Z', '2026-01-07T12:00:00Z')).toEqual([
      '2026-01-06T12:00:00.000Z -',
      '2026-01-06T18:00:00.000Z ida',
      '2026-01-07T00:00:00.000Z -',
    ])
    const whole = scheduleOf('Europe/London', [{ ...daily('09:00', ['ida']), hours: '09:00-09:00' }])
    expect(gaps(whole, at('2026-01-06T00:00Z'), at('2026-12-06T00:00Z'))).toEqual([])
  })

  test('a schedule without layers has nobody', () => {
    expect(whoIsOnCall(scheduleOf('UTC', []), at('2026-01-06T12:00Z'))).toBeUndefined()
    expect(shiftAt(scheduleOf('UTC', []), at('2026-01-06T12:00Z'))).toEqual({ person: undefined })
  })
})
