import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Story, startStory } from './support.ts'

let story: Story
beforeAll(async () => {
  story = await startStory('2026-01-06T12:00Z')
  // People are told in the chat once they have written there.
  for (const user of ['UIDA', 'UIVO', 'ULENA']) await story.ask(user, 'whoami')
})
afterAll(() => story.stop())
const ask: Story['ask'] = (...args) => story.ask(...args)
const holder = async (at: string) => (await ask('UVIC', `oncall payments ${at}`)).split(' is on call')[0]

test('a person takes a shift themselves, and whoever had it is told', async () => {
  expect(await ask('UIVO', 'schedules cover payments 2026-01-07T18:00 2026-01-07T22:00')).toMatch(
    /^Ivo Lang covers payments-primary, Wed 7 Jan 18:00 to 22:00 \(Europe\/London\), instead of Ida Torres\./,
  )
  expect(await holder('2026-01-07T17:59')).toBe('Ida Torres')
  expect(await holder('2026-01-07T18:00')).toBe('Ivo Lang')
  expect(await holder('2026-01-07T22:00')).toBe('Ida Torres')
  await story.slack.waitFor(() => story.told('UIDA').includes('Ivo Lang covers payments-primary'))
  expect(await ask('UIVO', 'schedules show payments')).toMatch(
    /Covers[\s\S]*Ivo Lang, Wed 7 Jan 18:00 to 22:00/,
  )
})

test('nobody puts somebody else on call but who manages the schedule; the refusal names them', async () => {
  const line = 'schedules cover payments 2026-01-08T18:00 2026-01-08T22:00'
  const refused = await ask('UIDA', `${line} Ivo Lang`)
  expect(refused).toContain('Nothing was covered: that needs manage_schedule')
  expect(refused).toContain('Lena Lead')
  expect(await ask('UFINN', line)).toContain('that needs manage_schedule')
  expect(await holder('2026-01-08T19:00')).toBe('Ida Torres')
  expect(await ask('ULENA', `${line} Ivo Lang`)).toContain('Ivo Lang covers payments-primary')
  expect(await holder('2026-01-08T19:00')).toBe('Ivo Lang')
  await story.slack.waitFor(() => story.told('UIVO').includes('Set by Lena Lead'))
})

test('a team lead of another team is refused', async () => {
  expect(await ask('ULENA', 'cover database 2026-01-08T18:00 2026-01-08T22:00 Ivo Lang')).toContain(
    'that needs manage_schedule',
  )
})

test('times that are wrong or over are refused, and nothing is done', async () => {
  expect(await ask('UIDA', 'schedules cover payments 2026-01-09T22:00 2026-01-09T18:00')).toContain(
    'later than from',
  )
  expect(await ask('UIDA', 'schedules cover payments 2026-01-01T10:00 2026-01-02T10:00')).toContain(
    'later than now',
  )
  expect(await ask('UIDA', 'schedules cover payments 2026-01-09T10:00 2028-01-02T10:00')).toContain(
    '400 days',
  )
  expect(await ask('UIDA', 'schedules cover payments 2026-02-30T10:00 2026-03-02T10:00')).toContain(
    'must be a time',
  )
  expect(await ask('UIDA', 'schedules cover payments 2026-01-09T10:00')).toContain('schedules cover SCHEDULE')
})

test('a cover is taken back by whoever has it; the layers count again', async () => {
  expect(await ask('UFINN', 'schedules uncover payments 2026-01-08T19:00')).toContain(
    'that needs manage_schedule',
  )
  expect(await ask('UIVO', 'schedules uncover payments 2026-01-08T19:00')).toContain(
    'Ivo Lang no longer covers payments-primary',
  )
  expect(await holder('2026-01-08T19:00')).toBe('Ida Torres')
  expect(await ask('UIVO', 'schedules uncover payments 2026-01-08T19:00')).toContain('Nobody covers')
})

test('a lead makes a schedule of the own team, layer by layer, and takes it away', async () => {
  expect(await ask('ULENA', 'schedules create nights Asia/Kathmandu payments')).toContain(
    'Schedule nights is there',
  )
  expect(
    await ask('ULENA', 'schedules layer nights 2026-01-05 daily 18:00 18:00-09:00 ida@example.com, Ivo Lang'),
  ).toContain('nights has a layer 1: daily from 2026-01-05, 18:00, 18:00-09:00: Ida Torres, Ivo Lang.')
  expect(await ask('UVIC', 'oncall nights 2026-01-06T20:00')).toMatch(/^Ivo Lang/)
  expect(await ask('ULENA', 'schedules layer nights 2026-01-05 3d Mon 09:00 Maya Okafor')).toContain(
    'has a layer 2',
  )
  expect(await ask('UVIC', 'oncall nights 2026-01-06T20:00')).toMatch(/^Maya Okafor/)
  expect(await ask('ULENA', 'schedules layer remove nights 2')).toContain('Layer 2 is out of nights')
  expect(await ask('UVIC', 'oncall nights 2026-01-06T20:00')).toMatch(/^Ivo Lang/)
  expect(await ask('ULENA', 'schedules create nights UTC')).toContain('There is a schedule nights already')
  expect(await ask('ULENA', 'schedules layer nights 2026-02-30 daily 18:00 Ivo Lang')).toContain(
    'must be a date',
  )
  expect(await ask('ULENA', 'schedules create other Europe/Nowhere')).toContain('must be a time zone')
  expect(await ask('ULENA', 'schedules remove nights')).toContain('Schedule nights is gone')
  expect(await ask('UVIC', 'oncall nights')).toContain('no schedule or team called nights')
})

test('who may not is refused, and what the file sets is changed there', async () => {
  expect(await ask('UIDA', 'schedules create mine UTC payments')).toContain('that needs manage_schedule')
  expect(await ask('ULENA', 'schedules create theirs UTC platform')).toContain('that needs manage_schedule')
  expect(await ask('UADA', 'schedules create theirs UTC platform')).toContain('Schedule theirs is there')
  for (const line of ['remove payments-primary', 'layer remove payments-primary 1']) {
    expect(await ask('UADA', `schedules ${line}`)).toContain('the configuration file sets it')
  }
  expect(await ask('UADA', 'schedules layer payments-primary 2026-01-05 daily 18:00 Ivo Lang')).toContain(
    'payments-primary was not changed: the configuration file sets it',
  )
  const audit = await story.sql<{ operation: string }>(`select operation from audit where outcome = 'done'`)
  const done = audit.map(({ operation }) => operation)
  for (const operation of [
    'cover_shift',
    'remove_cover',
    'create_schedule',
    'add_layer',
    'remove_schedule',
  ]) {
    expect(done).toContain(operation)
  }
})
