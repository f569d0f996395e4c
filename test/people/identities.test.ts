import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Identified, identify } from '../../src/core/identities.ts'
import { reachesOf } from '../../src/core/preferences/reach.ts'
import { createWorld, trusting, type World } from './support.ts'

let world: World
beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.close())

const personOf = (identified: Identified) => (identified as Identified & { kind: 'person' }).personId

test('a full member whom nobody placed becomes a user without a department', async () => {
  const found = await world.arrive(world.slack, 'U1', { name: 'Pat Plain', email: 'pat@elsewhere.test' })
  expect(found).toMatchObject({ kind: 'person', name: 'Pat Plain' })
  expect(await world.row(personOf(found))).toMatchObject({
    rank: 'user',
    department: null,
    admin: false,
    email: null,
  })
})

test('the platform is asked once in ten minutes', async () => {
  await world.arrive(world.slack, 'U1')
  await world.arrive(world.slack, 'U1')
  expect(world.profileCalls()).toBe(1)
  await world.later('11 minutes')
  await world.arrive(world.slack, 'U1')
  expect(world.profileCalls()).toBe(2)
})

test('whoever is looked for after they spoke elsewhere is told where they speak', async () => {
  await world.apply(trusting)
  const ida = personOf(await world.arrive(world.teams, 'aad-ida', { email: 'ida@example.com' }))
  await world.later('1 minute')
  const profile = { user: 'UIDA', name: 'Ida', email: 'ida@example.com', kind: 'member' as const }
  const search = { adminEmails: [], anew: true }
  expect(personOf(await identify(world.db, world.slack, 'UIDA', async () => profile, search))).toBe(ida)
  const ways = async () => (await world.within((scope) => reachesOf(scope, [ida], 'low'))).get(ida)
  expect(await ways()).toMatchObject([{ carrier: 'teams' }])
  await world.arrive(world.slack, 'UIDA', profile)
  expect(await ways()).toMatchObject([{ carrier: 'slack' }])
})

test('guests, bots, foreigners and unknown accounts are strangers without a person', async () => {
  for (const kind of ['guest', 'bot', 'foreign', 'deactivated', 'unknown'] as const) {
    const found = await world.arrive(world.slack, `U-${kind}`, { kind, email: 'ida@example.com' }, [
      'ida@example.com',
    ])
    expect(found).toMatchObject({ kind: 'stranger', reason: kind })
  }
  expect(await world.owner.selectFrom('people').selectAll().execute()).toEqual([])
})

test('a member who becomes a guest has no access from the next check on, and has it back as a member', async () => {
  const before = await world.arrive(world.slack, 'U1')
  await world.later('11 minutes')
  expect(await world.arrive(world.slack, 'U1', { kind: 'guest' })).toMatchObject({
    kind: 'stranger',
    reason: 'guest',
  })
  await world.later('11 minutes')
  expect(await world.arrive(world.slack, 'U1')).toEqual(before)
})

test('two identical first requests at once make one person', async () => {
  const found = await Promise.all(
    Array.from({ length: 6 }, () =>
      world.arrive(world.slack, 'U1', { name: 'Ida', email: 'ida@example.com' }),
    ),
  )
  expect(new Set(found.map(personOf)).size).toBe(1)
  expect(await world.owner.selectFrom('people').selectAll().execute()).toHaveLength(1)
})

test('accounts with one address are one person only where the domain is trusted, exactly', async () => {
  await world.apply(trusting)
  const slack = await world.arrive(world.slack, 'U1', { email: 'Ida@Example.com' })
  expect(personOf(await world.arrive(world.teams, 'aad1', { email: 'ida@example.com' }))).toBe(
    personOf(slack),
  )
  for (const [index, email] of [
    'ida@example.com.evil.test',
    'ida@sub.example.com',
    'ida@evilexample.com',
    'x@y@example.com',
  ].entries()) {
    const other = await world.arrive(world.teams, `other${index}`, { email })
    expect(personOf(other)).not.toBe(personOf(slack))
    expect((await world.row(personOf(other))).email).toBeNull()
  }
  const guest = await world.arrive(world.teams, 'guest', { email: 'ida@example.com', kind: 'guest' })
  expect(guest.kind).toBe('stranger')
})

test('a deactivated person stays a stranger, in whichever app and with whichever new account', async () => {
  await world.apply(trusting)
  const ida = personOf(await world.arrive(world.slack, 'U1', { email: 'ida@example.com' }))
  await world.owner.updateTable('people').set({ active: false }).where('id', '=', ida).execute()
  expect(await world.arrive(world.slack, 'U1')).toMatchObject({ kind: 'stranger', reason: 'deactivated' })
  const again = await world.arrive(world.teams, 'aad1', { email: 'ida@example.com' })
  expect(again).toMatchObject({ kind: 'stranger', reason: 'deactivated' })
})

test('the workspace owner is the first administrator, and only the first', async () => {
  const first = await world.arrive(world.slack, 'U1', { owner: true })
  const second = await world.arrive(world.slack, 'U2', { owner: true })
  expect((await world.row(personOf(first))).admin).toBe(true)
  expect((await world.row(personOf(second))).admin).toBe(false)
  expect(await world.audit()).toMatchObject([{ operation: 'set_administrator', subject: 'U1' }])
})

test('addresses in ADMIN_EMAILS are administrators when first seen, and a mark taken away stays away', async () => {
  const emails = ['ida@example.com', 'ivo@example.com']
  const ida = personOf(await world.arrive(world.slack, 'U1', { email: 'ida@example.com' }, emails))
  const ivo = personOf(await world.arrive(world.slack, 'U2', { email: 'IVO@example.com' }, emails))
  expect((await world.row(ida)).admin && (await world.row(ivo)).admin).toBe(true)
  await world.owner.updateTable('people').set({ admin: false }).where('id', '=', ivo).execute()
  await world.later('11 minutes')
  await world.arrive(world.slack, 'U2', { email: 'ivo@example.com' }, emails)
  expect((await world.row(ivo)).admin).toBe(false)
})

test('while the platform does not answer, what was known today holds; a newcomer has to wait', async () => {
  const { identify } = await import('../../src/core/identities.ts')
  const down = () => Promise.reject(new Error('timeout'))
  const ida = await world.arrive(world.slack, 'U1')
  await world.later('20 minutes')
  expect(await identify(world.db, world.slack, 'U1', down, { adminEmails: [] })).toEqual(ida)
  await expect(identify(world.db, world.slack, 'U2', down, { adminEmails: [] })).rejects.toThrow('timeout')
  await world.later('2 days')
  await expect(identify(world.db, world.slack, 'U1', down, { adminEmails: [] })).rejects.toThrow('timeout')
})

test('the configuration file names an account outright, also one that was somebody by themselves before', async () => {
  const before = personOf(await world.arrive(world.slack, 'U1', { name: 'Ida' }))
  await world.apply('people:\n  - { name: Ida Torres, rank: manager, on: { slack: U1, teams: aad1 } }\n')
  const after = personOf(await world.arrive(world.slack, 'U1'))
  expect(after).not.toBe(before)
  expect(await world.row(after)).toMatchObject({ name: 'Ida Torres', rank: 'manager' })
  expect(await world.row(before)).toMatchObject({ active: false })
  expect(personOf(await world.arrive(world.teams, 'aad1'))).toBe(after)
})

test('an account that came before its domain was trusted joins the person of the file later', async () => {
  const before = personOf(await world.arrive(world.slack, 'U1', { email: 'ida@example.com' }))
  await world.apply(`${trusting}people:\n  - { name: Ida Torres, email: ida@example.com, rank: manager }\n`)
  await world.later('11 minutes')
  const after = personOf(await world.arrive(world.slack, 'U1', { email: 'ida@example.com' }))
  expect(after).not.toBe(before)
  expect((await world.row(after)).rank).toBe('manager')
})
