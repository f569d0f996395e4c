import { expect, test } from 'vitest'
import { parseConfiguration } from '../../src/core/configuration/parse.ts'
import { file } from './file.ts'

const problems = (yaml: string): string => {
  try {
    parseConfiguration(yaml, {})
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

test.each([
  [
    'team: payments\n    time_zone',
    'team: paiments\n    time_zone',
    'line 9: schedules[0].team names no team',
  ],
  ['Europe/London', 'Europe/Londn', 'line 10: schedules[0].time_zone must be a time zone'],
  ['people: [ivo@', 'people: [eve@', 'line 13: schedules[0].layers[1].people[0] is nobody’s e-mail address'],
  [
    'start: 2026-01-05, rotation: weekly',
    'start: 2026-02-30, rotation: weekly',
    'line 12: schedules[0].layers[0].start must be a date',
  ],
  ['rotation: 3d', 'rotation: 0d', 'line 13: schedules[0].layers[1].rotation must be daily'],
  ['Mon 09:00', 'Monday 9', 'line 12: schedules[0].layers[0].handoff must be such as'],
  ['18:00-09:00', '18:00-24:30', 'line 13: schedules[0].layers[1].hours must be hours'],
  [
    'to: 2026-07-26T09:00Z',
    'to: 2026-07-24T08:00Z',
    'line 15: schedules[0].overrides[0].to must be later than from',
  ],
  [
    'from: 2026-07-24T09:00',
    'from: 2026-07-24T25:00',
    'line 15: schedules[0].overrides[0].from must be a time',
  ],
  ['person: ivo@', 'person: eve@', 'line 15: schedules[0].overrides[0].person is nobody’s e-mail address'],
])('%s as %s is refused with its line', (right, wrong, expected) => {
  expect(problems(file)).toBe('')
  expect(problems(file.replace(right, wrong))).toContain(expected)
})
