import { afterEach, beforeEach, expect, test } from 'vitest'
import { describeChange } from '../../src/core/configuration/step.ts'
import { reachesOf } from '../../src/core/preferences/reach.ts'
import { createWorld, type World } from '../people/support.ts'

let world: World
beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.close())

const file = `
preferences:
  high: [{ route: chat, after: 0s }, { route: Teams, after: 90s }]
  low: [{ route: email, after: 5m }]
  quiet_hours: { from: "22:00", to: "07:00" }
`
const words = async (yaml: string) => (await world.plan(yaml)).map(describeChange)

test('the file’s preferences hold for people who set none; twice is once, and a removed section is gone', async () => {
  expect(await words(file)).toEqual([
    'add preferences: for people who set none (high chat 0s, teams 90s, low email 5m, quiet_hours 22:00-07:00)',
  ])
  await world.apply(file)
  expect(await words(file)).toEqual([])
  await world.arrive(world.slack, 'UIDA')
  const { person_id } = await world.owner
    .selectFrom('identities')
    .select('person_id')
    .executeTakeFirstOrThrow()
  const ida = person_id!
  const at = new Date('2026-01-06T12:00Z')
  const found = await world.within((scope) => reachesOf({ ...scope, now: at }, [ida], 'high'))
  expect(found.get(ida)).toMatchObject([{ carrier: 'slack', afterSeconds: 0 }])
  const night = new Date('2026-01-06T23:00Z')
  const late = await world.within((scope) => reachesOf({ ...scope, now: night }, [ida], 'high'))
  expect(late.get(ida)).toMatchObject([{ carrier: 'slack', afterSeconds: 8 * 3600 }])
  expect(await words(file.replace('22:00', '23:00'))).toEqual([
    'change preferences: for people who set none (quiet_hours 22:00-07:00 → 23:00-07:00)',
  ])
  expect(await words('')).toEqual([
    'remove preferences: for people who set none (high chat 0s, teams 90s → none, low email 5m → none, ' +
      'quiet_hours 22:00-07:00 → none)',
  ])
  await world.apply('')
  const { settings } = await world.owner
    .selectFrom('organizations')
    .select('settings')
    .executeTakeFirstOrThrow()
  expect(settings).not.toHaveProperty('preferences')
})

test.each([
  ['high: [{ route: pigeon, after: 0s }]', 'line 2: preferences.high[0].route names no webhook of this file'],
  ['high: []', 'line 2: preferences.high must have at least one route'],
  ['low: [{ route: chat, after: soon }]', 'preferences.low[0].after must be a duration such as 45s'],
  ['low: [{ route: chat, after: 2d }]', 'one day at most'],
  ['low: [{ route: chat }]', 'preferences.low[0].after is missing'],
  [
    'quiet_hours: { from: "22:00", to: "24:00" }',
    'preferences.quiet_hours.to must be a time such as "18:00"',
  ],
])('%s is refused with its line', async (section, wrong) => {
  await expect(world.plan(`preferences:\n  ${section}\n`)).rejects.toThrow(wrong)
})
