import { afterEach, beforeEach, expect, test } from 'vitest'
import { resolvePerson, resolveTeam } from '../../src/core/people.ts'
import { activatePerson } from '../../src/operations/people/activate-person.ts'
import { addToTeam } from '../../src/operations/people/add-to-team.ts'
import { createTeam } from '../../src/operations/people/create-team.ts'
import { deactivatePerson } from '../../src/operations/people/deactivate-person.ts'
import { findPeople } from '../../src/operations/people/find-people.ts'
import { listTeams } from '../../src/operations/people/list-teams.ts'
import { removeFromTeam } from '../../src/operations/people/remove-from-team.ts'
import { setAdministrator } from '../../src/operations/people/set-administrator.ts'
import { setDepartment } from '../../src/operations/people/set-department.ts'
import { setRank } from '../../src/operations/people/set-rank.ts'
import { whoami } from '../../src/operations/people/whoami.ts'
import { createWorld, type World } from './support.ts'

let world: World
let ada: string
beforeEach(async () => {
  world = await createWorld()
  ada = await world.person('Ada Quist', { admin: true })
})
afterEach(() => world.close())

test('a person is found by name, by the beginning of one, by address and by mention', async () => {
  const ida = await world.person('Ida Torres', { email: 'ida@example.com' })
  await world.person('Ivo Lang')
  await world.arrive(world.slack, 'U9', { name: 'Mina' })
  const find = async (ref: string) =>
    (await world.within(({ tx }) => resolvePerson(tx, world.orgId, ref, world.slack.id))).name
  for (const ref of ['ida torres', '@Ida', '"Ida Torres"', 'IDA@example.com', 'ida t'])
    expect(await find(ref)).toBe('Ida Torres')
  expect(await find('<@U9>')).toBe('Mina')
  expect(await find('<@U9|mina>')).toBe('Mina')
  await expect(find('I')).rejects.toMatchObject({
    kind: 'conflict',
    message: expect.stringContaining('Ivo Lang'),
  })
  await expect(find('%')).rejects.toMatchObject({ kind: 'not_found' })
  await expect(find('<@U0>')).rejects.toMatchObject({ kind: 'not_found' })
  await world.owner.updateTable('people').set({ active: false }).where('id', '=', ida).execute()
  await expect(find('Ida Torres')).rejects.toMatchObject({ kind: 'not_found' })
})

test('a team is found by name or its beginning, and a refusal names the teams there are', async () => {
  await world.team('payments')
  const find = (ref: string) => world.within(({ tx }) => resolveTeam(tx, world.orgId, ref))
  expect((await find('Pay')).name).toBe('payments')
  await expect(find('search')).rejects.toMatchObject({ kind: 'not_found', detail: { allowed: ['payments'] } })
})

test('administrators place people, with old and new values in the audit log; the next request counts', async () => {
  const ida = await world.person('Ida Torres')
  expect(await world.as(ada, setDepartment, { person: 'Ida', department: 'it' })).toContain(
    'Ida Torres is in IT now',
  )
  expect(await world.as(ada, setRank, setRank.verb!.parse('Ida Torres on-call engineer')!)).toContain(
    'on-call engineer',
  )
  expect(await world.as(ida, whoami)).toMatch(/Department: IT[\s\S]*Persona: InfraBot[\s\S]*restart_service/)
  expect(await world.audit()).toMatchObject([
    {
      operation: 'set_department',
      subject: 'Ida Torres',
      old: { department: null },
      new: { department: 'IT' },
      actor_id: ada,
    },
    { operation: 'set_rank', old: { rank: 'user' }, new: { rank: 'oncall_engineer' } },
  ])
  await expect(world.as(ada, setDepartment, { person: 'Ida', department: 'SALES' })).rejects.toThrow(
    'must be one of',
  )
  expect(await world.as(ada, setDepartment, setDepartment.verb!.parse('Ida Torres none')!)).toContain(
    'no department now',
  )
})

test('everybody else is refused, with the permission and somebody who has it', async () => {
  const maya = await world.person('Maya', { rank: 'cto' })
  for (const [operation, input] of [
    [setDepartment, { person: 'Maya', department: 'IT' }],
    [setRank, { person: 'Maya', rank: 'vp' }],
    [setAdministrator, { person: 'me', mark: 'on' }],
    [deactivatePerson, { person: 'Ada' }],
    [activatePerson, { person: 'Ada' }],
    [findPeople, {}],
    [createTeam, { name: 'x' }],
  ] as const) {
    await expect(world.as(maya, operation, input)).rejects.toMatchObject({
      kind: 'denied',
      detail: { holders: [expect.objectContaining({ name: 'Ada Quist' })] },
    })
  }
})

test('the last active administrator stays one, also when two remove each other at once', async () => {
  await expect(world.as(ada, setAdministrator, { person: 'me', mark: 'off' })).rejects.toThrow(
    'last active administrator',
  )
  await expect(world.as(ada, deactivatePerson, { person: 'Ada Quist' })).rejects.toThrow(
    'last active administrator',
  )
  const bea = await world.person('Bea', { admin: true })
  const tried = await Promise.allSettled([
    world.as(ada, setAdministrator, { person: 'Bea', mark: 'off' }),
    world.as(bea, setAdministrator, { person: 'Ada Quist', mark: 'off' }),
  ])
  expect(tried.some((one) => one.status === 'fulfilled')).toBe(true)
  const left = await world.owner.selectFrom('people').selectAll().where('admin', '=', true).execute()
  expect(left).toHaveLength(1)
})

test('a deactivated person may do nothing, and their open incidents are named', async () => {
  const ida = await world.person('Ida Torres')
  await world.owner
    .insertInto('incidents')
    .values([
      {
        org_id: world.orgId,
        id: crypto.randomUUID(),
        number: 1,
        title: 'Checkout is down',
        priority: 'P1',
        assignee_id: ida,
      },
      {
        org_id: world.orgId,
        id: crypto.randomUUID(),
        number: 2,
        title: 'Secret',
        priority: 'P1',
        assignee_id: ida,
        private: true,
      },
    ])
    .execute()
  const answer = await world.as(ada, deactivatePerson, { person: 'Ida Torres' })
  expect(answer).toContain('INC-001 Checkout is down')
  expect(answer).not.toContain('INC-002')
  await expect(world.as(ida, whoami)).rejects.toMatchObject({ kind: 'denied' })
  expect(await world.as(ada, findPeople, { text: 'ida' })).toContain('deactivated')
  await world.as(ada, activatePerson, { person: 'Ida Torres' })
  expect(await world.as(ida, whoami)).toContain('Rank: user')
})

test('a manager changes own teams, an administrator every team, nobody else any', async () => {
  const payments = await world.team('payments')
  await world.team('platform')
  const maya = await world.person('Maya', { rank: 'manager', teams: [payments] })
  const ida = await world.person('Ida Torres')
  await world.as(maya, addToTeam, addToTeam.verb!.parse('payments Ida Torres')!)
  expect(await world.as(ida, listTeams)).toContain('payments: Ida Torres, Maya')
  await expect(world.as(maya, addToTeam, { team: 'platform', person: 'Ida' })).rejects.toMatchObject({
    kind: 'denied',
  })
  await expect(world.as(ida, removeFromTeam, { team: 'payments', person: 'Maya' })).rejects.toMatchObject({
    kind: 'denied',
  })
  await world.as(ada, createTeam, createTeam.verb!.parse('"on call"')!)
  await world.as(ada, addToTeam, addToTeam.verb!.parse('"on call" Ida Torres')!)
  expect(await world.as(ida, whoami)).toContain('Teams: on call, payments')
  await world.as(maya, removeFromTeam, { team: 'payments', person: 'Ida Torres' })
  expect(await world.as(ida, whoami)).toContain('Teams: on call')
  await expect(world.as(ada, createTeam, { name: 'PAYMENTS' })).rejects.toMatchObject({ kind: 'conflict' })
})

test('what the configuration file sets is refused with a word on the file, except a deactivation', async () => {
  await world.apply('people:\n  - { name: Ida Torres, rank: manager }\n')
  await expect(world.as(ada, setRank, { person: 'Ida Torres', rank: 'vp' })).rejects.toThrow(
    'the configuration file sets it',
  )
  expect(await world.as(ada, setDepartment, { person: 'Ida Torres', department: 'OPS' })).toContain('OPS')
  expect(await world.as(ada, deactivatePerson, { person: 'Ida Torres' })).toContain('deactivated')
  expect(await world.plan('people:\n  - { name: Ida Torres, rank: manager }\n')).toEqual([])
})

test('a sentence that begins like a verb is none', () => {
  expect(findPeople.verb!.parse('are complaining about checkout')).toBeUndefined()
  expect(findPeople.verb!.parse('find Ida Torres')).toEqual({ text: 'Ida Torres' })
  expect(whoami.verb!.parse('to blame')).toBeUndefined()
  expect(listTeams.verb!.parse('are slow')).toBeUndefined()
})
