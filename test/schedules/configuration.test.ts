import { afterEach, beforeEach, expect, test } from 'vitest'
import { describeChange } from '../../src/core/configuration/step.ts'
import { onCallNow } from '../../src/core/schedules/on-call.ts'
import { createWorld, type World } from '../people/support.ts'
import { file } from './file.ts'

let world: World
beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.close())

const who = async (at: string) =>
  (await world.within(({ tx }) => onCallNow(tx, world.orgId, 'Payments-Primary', new Date(at))))?.name
const words = async (yaml: string) => (await world.plan(yaml)).map(describeChange)

test('the file’s schedule answers who is on call, its override in local time', async () => {
  await world.apply(file)
  expect(await who('2026-07-13T12:00Z')).toBe('Ivo Lang')
  expect(await who('2026-07-07T12:00Z')).toBe('Ida Torres')
  expect(await who('2026-07-24T07:59Z')).toBe('Ivo Lang')
  expect(await who('2026-07-24T10:00Z')).toBe('Ivo Lang')
  expect(await who('2026-07-20T10:00Z')).toBe('Ida Torres')
  expect(await who('2025-07-20T10:00Z')).toBeUndefined()
  const row = await world.owner.selectFrom('overrides').selectAll().executeTakeFirstOrThrow()
  expect(row.starts_at.toISOString()).toBe('2026-07-24T08:00:00.000Z')
  expect(row.ends_at.toISOString()).toBe('2026-07-26T09:00:00.000Z')
})

test('twice is once; what changes is said in words, and what leaves the file stays', async () => {
  expect(await words(file)).toContain(
    'add schedules: payments-primary (name payments-primary, team payments, time_zone Europe/London, ' +
      'layers [weekly from 2026-01-05, Mon 09:00: Ida Torres, Ivo Lang] ' +
      '[every 3 days from 2026-01-05, 18:00, 18:00-09:00: Ivo Lang], ' +
      'overrides [2026-07-24T08:00Z to 2026-07-26T09:00Z: Ivo Lang])',
  )
  await world.apply(file)
  expect(await words(file)).toEqual([])
  expect(await world.apply(file)).toEqual([])
  const moved = file.replace('Mon 09:00', 'Tue 10:00').replace('Ivo Lang, email', 'Ivan Lang, email')
  expect((await words(moved)).filter((line) => line.includes('schedules'))).toEqual([
    'change schedules: payments-primary (layers ' +
      '[weekly from 2026-01-05, Mon 09:00: Ida Torres, Ivan Lang] ' +
      '[every 3 days from 2026-01-05, 18:00, 18:00-09:00: Ivan Lang] → ' +
      '[weekly from 2026-01-05, Tue 10:00: Ida Torres, Ivan Lang] ' +
      '[every 3 days from 2026-01-05, 18:00, 18:00-09:00: Ivan Lang])',
  ])
  expect((await words(file.replace('Ivo Lang, email', 'Ivan Lang, email'))).join()).not.toContain('schedules')
  const without = file.slice(0, file.indexOf('schedules:'))
  expect(await words(without)).toEqual(['release schedules: payments-primary'])
  await world.apply(without)
  expect(await words(without)).toEqual([])
  expect(await who('2026-07-07T12:00Z')).toBe('Ida Torres')
})

test('covers that people arranged outlive a change of the file', async () => {
  await world.apply(file)
  const { id } = await world.owner.selectFrom('schedules').select('id').executeTakeFirstOrThrow()
  const ida = await world.owner
    .selectFrom('people')
    .select('id')
    .where('name', '=', 'Ida Torres')
    .executeTakeFirstOrThrow()
  await world.owner
    .insertInto('overrides')
    .values({
      org_id: world.orgId,
      id: crypto.randomUUID(),
      schedule_id: id,
      person_id: ida.id,
      starts_at: new Date('2026-07-14T10:00Z'),
      ends_at: new Date('2026-07-14T14:00Z'),
      created_by: null,
    })
    .execute()
  expect(await words(file)).toEqual([])
  await world.apply(file.replace('2026-07-26T09:00Z', '2026-07-27T09:00'))
  expect(await who('2026-07-14T12:00Z')).toBe('Ida Torres')
})

test('a deactivated person keeps the turn and counts as nobody', async () => {
  await world.apply(file)
  await world.owner.updateTable('people').set({ active: false }).where('name', '=', 'Ida Torres').execute()
  expect(await who('2026-07-07T12:00Z')).toBeUndefined()
  expect(await who('2026-07-07T20:00Z')).toBe('Ivo Lang')
  expect(await world.apply(file)).toEqual([])
})
