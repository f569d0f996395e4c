import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseOnCall } from '../../src/operations/schedules/parse-on-call.ts'
import { type Story, startStory } from './support.ts'

let story: Story
beforeAll(async () => {
  story = await startStory('2026-01-06T12:00Z')
})
afterAll(() => story.stop())
const ask: Story['ask'] = (...args) => story.ask(...args)

test('oncall names the holder first, then until when and who is next', async () => {
  expect(await ask('UVIC', 'oncall payments-primary')).toMatch(
    /^Ida Torres is on call for payments-primary until Mon 12 Jan 09:00 \(Europe\/London\)\. Next: Ivo Lang\./,
  )
  expect(await ask('UVIC', 'who payments')).toMatch(/^Ida Torres is on call for payments-primary/)
  expect(await ask('UVIC', 'oncall Payments-Pr')).toMatch(/^Ida Torres/)
})

test('at a time: the schedule’s zone, or UTC with a Z', async () => {
  expect(await ask('UVIC', 'oncall payments-primary 2026-01-12T08:59')).toMatch(
    /^Ida Torres is on call for payments-primary on Mon 12 Jan 08:59, until Mon 12 Jan 09:00/,
  )
  expect(await ask('UVIC', 'oncall payments-primary 2026-01-12T09:00')).toMatch(/^Ivo Lang/)
  // In New York it is 09:00 five hours after it is in UTC.
  expect(await ask('UVIC', 'oncall database 2026-01-06T09:00')).toMatch(/^Ivo Lang/)
  expect(await ask('UVIC', 'oncall database 2026-01-06T09:00Z')).toMatch(
    /^Nobody is on call for database on Tue 6 Jan 04:00, until Tue 6 Jan 09:00 \(America\/New_York\)\. Next: Ivo Lang\./,
  )
  // Summer time: the hand-off stays at 09:00 in London, which is 08:00Z.
  expect(await ask('UVIC', 'oncall payments-primary 2026-06-08T08:00Z')).toMatch(/^Ida Torres/)
  expect(await ask('UVIC', 'oncall payments-primary 2026-06-08T07:59Z')).toMatch(/^Ivo Lang/)
  expect(await ask('UVIC', 'oncall 2026-01-13T12:00')).toContain('Ivo Lang is on call for payments-primary')
})

test('over a date: everybody in order', async () => {
  const day = await ask('UVIC', 'oncall payments-primary 2026-01-12')
  expect(day).toContain('On call for payments-primary on Mon 12 Jan (Europe/London)')
  expect(day).toMatch(/Ida Torres 00:00 to 09:00[\s\S]*Ivo Lang 09:00 to 24:00/)
})

test('without a name all schedules, and a wrong name or time is said with what there is', async () => {
  const all = await ask('UIDA', 'oncall')
  expect(all).toMatch(/Ida Torres is on call for payments-primary[\s\S]*Nobody is on call for database/)
  expect(await ask('UIVO', 'oncall')).toMatch(/for database[\s\S]*payments-primary/)
  expect(await ask('UVIC', 'oncall nosuch')).toMatch(
    /no schedule or team called nosuch[\s\S]*payments-primary/,
  )
  expect(await ask('UVIC', 'oncall payments 2026-13-40T09:00')).toContain('must be a time')
})

test('the plain question is answered without a model', async () => {
  const { slack } = story
  const sent = await slack.as('UVIC').dm('who is on call for payments?')
  expect(slack.textOf(await slack.answerTo(sent))).toMatch(/^Ida Torres is on call for payments-primary/)
})

test('words after who are a sentence or a name', () => {
  expect(parseOnCall('is on call for the payments team right now?')).toEqual({ of: 'payments' })
  expect(parseOnCall('is on call')).toEqual({})
  expect(parseOnCall('"customer success" 2026-01-12T09:00z')).toEqual({
    of: '"customer success"',
    at: '2026-01-12T09:00Z',
  })
  for (const text of ['broke checkout', 'is on call for payments tomorrow', 'is Ida', 'can restart it?']) {
    expect(parseOnCall(text)).toBeUndefined()
  }
})

test('schedules are listed with who is on call and the gaps of the next seven days, and shown one by one', async () => {
  const list = await ask('UVIC', 'schedules')
  expect(list).toContain('payments-primary: Ida Torres until Mon 12 Jan 09:00 · team payments')
  expect(list).toMatch(/database: nobody until Tue 6 Jan 09:00 .* 8 gaps in the next 7 days, the first now/)
  const shown = await ask('UVIC', 'schedules show payments')
  expect(shown).toMatch(/^Ida Torres is on call/)
  expect(shown).toContain('1. weekly from 2026-01-05, Mon 09:00: Ida Torres, Ivo Lang')
  expect(shown).toContain('Ivo Lang, Mon 12 Jan 09:00 to Mon 19 Jan 09:00')
  expect(await ask('UVIC', 'schedules show database')).toMatch(
    /Nobody is on call[\s\S]*17:00 to 09:00, \d+ times from/,
  )
})

test('a person who is deactivated leaves a gap', async () => {
  await story.sql(`update people set active = false where name = 'Ivo Lang'`)
  expect(await ask('UVIC', 'oncall payments 2026-01-13T12:00')).toMatch(/^Nobody.*Next: Ida Torres/)
  expect(await ask('UVIC', 'schedules show payments')).toContain('Ivo Lang (deactivated: nobody)')
  await story.sql(`update people set active = true where name = 'Ivo Lang'`)
})
