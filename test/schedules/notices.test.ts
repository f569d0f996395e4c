import { afterEach, beforeEach, expect, test } from 'vitest'
import { tellOfGaps, tellOfShifts } from '../../src/core/schedules/notices.ts'
import { inOrg } from '../../src/db/pool.ts'
import { createWorld, type World } from '../people/support.ts'
import { startStory } from './support.ts'

const file = (hours = '') => `
email_domains: [example.com]
teams:
  - { name: payments }
people:
  - { name: Ida Torres, email: ida@example.com, rank: oncall_engineer, teams: [payments] }
  - { name: Ivo Lang, email: ivo@example.com, rank: oncall_engineer, teams: [payments] }
  - { name: Lena Lead, email: lena@example.com, rank: team_lead, teams: [payments] }
  - { name: Maya Okafor, email: maya@example.com, rank: manager, teams: [payments] }
  - { name: Ada Admin, email: ada@example.com, admin: true }
schedules:
  - name: primary
    team: payments
    time_zone: Europe/London
    layers:
      - { start: 2026-01-05, rotation: weekly, handoff: "Mon 09:00", ${hours}people: [ida@example.com, ivo@example.com] }
`

let world: World
beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.close())

const at = (instant: string) =>
  world.owner.executeQuery(world.owner.updateTable('clock').set({ shift: instant }).compile())
const setClock = async (instant: string) => {
  const shift = (Date.parse(instant) - Date.now()) / 1000
  await at(`${shift} seconds`)
}
const arrive = async (...names: string[]) => {
  for (const name of names) {
    await world.arrive(world.slack, name, {
      name,
      email: `${name}@example.com`,
      emailVerified: true,
    } as object)
  }
}
const look = async () =>
  (await inOrg(world.db, world.orgId, tellOfShifts)) + (await inOrg(world.db, world.orgId, tellOfGaps))
/** Who was told what, in order. */
const told = async () => {
  const rows = await world.owner.selectFrom('deliveries').select('notification').orderBy('sequence').execute()
  return rows.map(({ notification }) => {
    const { route, outcome } = notification as {
      route: { user: string }
      outcome: { parts: { text?: string }[] }
    }
    return `${route.user}: ${outcome.parts[0]!.text}`
  })
}

test('whoever goes on call is told once, however many replicas look', async () => {
  await world.apply(file())
  await arrive('ida', 'ivo')
  await setClock('2026-01-12T08:59:00Z')
  await look()
  expect(await told()).toEqual([
    'ida: You are on call for primary until Mon 12 Jan 09:00 (Europe/London). Next: Ivo Lang.',
  ])
  await setClock('2026-01-12T09:00:00Z')
  const counts = await Promise.all([1, 2, 3, 4].map(look))
  expect(counts.reduce((sum, count) => sum + count)).toBe(1)
  expect((await told()).at(-1)).toBe(
    'ivo: You are on call for primary until Mon 19 Jan 09:00 (Europe/London). Next: Ida Torres.',
  )
  await setClock('2026-01-15T09:00:00Z')
  expect(await look()).toBe(0)
  await setClock('2026-01-19T09:00:00Z')
  expect(await look()).toBe(1)
})

test('who comes to the chat in the middle of a shift is told then', async () => {
  await world.apply(file())
  await setClock('2026-01-13T09:00:00Z')
  expect(await look()).toBe(0)
  await arrive('ivo')
  expect(await look()).toBe(1)
})

test('the team lead is told of a gap seven days ahead, once; not the manager, not the administrator', async () => {
  await world.apply(file())
  await arrive('ida', 'lena', 'maya', 'ada')
  await setClock('2026-01-05T10:00:00Z')
  await look()
  await world.owner.updateTable('people').set({ active: false }).where('name', '=', 'Ivo Lang').execute()
  await setClock('2026-01-05T10:00:00Z')
  await Promise.all([look(), look(), look()])
  expect((await told()).filter((line) => line.includes('Nobody'))).toEqual([
    'lena: Nobody is on call for primary from Mon 12 Jan 09:00, until Mon 19 Jan 09:00 (Europe/London). ' +
      'To change that: schedules cover primary 2026-01-12T09:00 2026-01-19T09:00 @somebody',
  ])
  await setClock('2026-01-13T10:00:00Z')
  expect(await look()).toBe(0)
})

test('hours that nobody has come once a week in one message, not every day', async () => {
  await world.apply(file('hours: "09:00-17:00", '))
  await arrive('lena')
  await setClock('2026-01-06T12:00:00Z')
  for (let day = 6; day < 27; day += 1) {
    await setClock(`2026-01-${String(day).padStart(2, '0')}T12:00:00Z`)
    await look()
  }
  expect(await told()).toHaveLength(3)
  const rows = await world.owner.selectFrom('deliveries').select('notification').execute()
  expect(JSON.stringify(rows[0])).toContain('17:00 to 09:00, 14 times from Tue 6 Jan')
})

test('where a team has no lead who can be reached, the administrators are told', async () => {
  await world.apply(file().replace('people: [ida@example.com, ivo@example.com]', 'people: [ivo@example.com]'))
  await arrive('ida', 'ada')
  await world.owner.updateTable('people').set({ active: false }).where('name', '=', 'Ivo Lang').execute()
  await setClock('2026-03-13T10:00:00Z')
  await look()
  expect(await told()).toEqual([
    expect.stringMatching(/^ada: Nobody is on call for primary now, for the next 14 days at least/),
  ])
  expect(await look()).toBe(0)
})

test('the running product says it in the direct conversation', async () => {
  const story = await startStory('2026-01-12T08:50Z')
  try {
    for (const user of ['UIVO', 'ULENA']) await story.ask(user, 'whoami')
    await story.setClock('2026-01-12T09:00Z')
    await story.slack.waitFor(
      () => story.told('UIVO').includes('You are on call for payments-primary until Mon 19 Jan'),
      {
        timeoutMs: 15_000,
      },
    )
    await story.settled()
    expect(story.told('UIVO').match(/You are on call for payments-primary/g)).toHaveLength(1)
  } finally {
    await story.stop()
  }
})
