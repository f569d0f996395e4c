import { afterEach, beforeEach, expect, test } from 'vitest'
import { applyConfiguration, planConfiguration } from '../../src/core/configuration/apply.ts'
import { ensureOrganization } from '../../src/core/configuration/found.ts'
import { parseConfiguration } from '../../src/core/configuration/parse.ts'
import { readSettings } from '../../src/core/configuration/settings.ts'
import { describeChange } from '../../src/core/configuration/step.ts'
import { loadStanding } from '../../src/core/standing.ts'
import { createWorld, sealing, type World } from '../people/support.ts'
import { everything } from './everything.ts'

let world: World
beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.close())

const file = parseConfiguration(everything, { HOOK_SECRET: 'whsec_1' })
const plan = () => world.within(({ tx }) => planConfiguration(tx, world.orgId, file, sealing))
const apply = () => world.within(({ tx }) => applyConfiguration(tx, world.orgId, file, sealing))

test('twice is once: the second plan is empty, and applying it changes nothing', async () => {
  const planned = await plan()
  expect(await world.audit()).toEqual([])
  const applied = await apply()
  expect(applied.map(describeChange)).toEqual(planned.map(describeChange))
  expect(await plan()).toEqual([])
  expect(await apply()).toEqual([])
  const audit = await world.audit()
  expect(audit).toHaveLength(applied.length)
  expect(audit.every((row) => row.actor === 'configuration file')).toBe(true)
})

test('what no capability reads yet is planned as kept for later, its secrets unresolved', async () => {
  const words = (await plan()).map(describeChange)
  expect(words.some((line) => line.startsWith('keep for later connectors of services'))).toBe(true)
  await apply()
  const { settings } = await world.owner
    .selectFrom('organizations')
    .select('settings')
    .executeTakeFirstOrThrow()
  expect(JSON.stringify(settings)).not.toContain('whsec_1')
  expect(JSON.stringify(await world.audit())).not.toContain('HOOK_SECRET')
})

test('everything takes effect: the organisation, people, the catalogue and channels', async () => {
  await apply()
  const organization = await world.owner.selectFrom('organizations').selectAll().executeTakeFirstOrThrow()
  expect(organization).toMatchObject({ name: 'Example Corp', currency: 'EUR' })
  const settings = await world.within(({ tx }) => readSettings(tx, world.orgId))
  expect(settings).toMatchObject({
    emailDomains: ['example.com'],
    spendingLimit: 5000,
    incidentChannels: 'P2',
  })
  const ida = await world.owner
    .selectFrom('people')
    .selectAll()
    .where('name', '=', 'Ida Torres')
    .executeTakeFirstOrThrow()
  expect(ida).toMatchObject({
    department: 'IT',
    rank: 'oncall_engineer',
    admin: true,
    phone: '+441632960000',
  })
  const standing = await world.within(({ tx }) => loadStanding(tx, world.orgId, ida.id))
  expect(standing?.teamIds).toHaveLength(1)
  const channels = await world.owner.selectFrom('channels').selectAll().orderBy('channel').execute()
  expect(channels).toMatchObject([
    { platform: 'teams', channel: '19:abc@thread.tacv2', announces: false, team_id: standing?.teamIds[0] },
    { platform: 'teams', channel: '19:inc@thread.tacv2', announces: true },
    { platform: 'slack', channel: 'C0123456789', team_id: standing?.teamIds[0] },
    { platform: 'slack', channel: 'C0FINANCE01', clearance: ['view_cost_impact'] },
    { platform: 'slack', channel: 'C0INCIDENTS', announces: true },
  ])
  expect(await world.owner.selectFrom('customer_services').selectAll().execute()).toHaveLength(1)
})

test('what leaves the file is released or deactivated, nothing is deleted that history needs', async () => {
  await apply()
  await world.apply('people:\n  - { name: Ida Torres, email: ida@example.com, admin: true }\n')
  const people = await world.owner.selectFrom('people').selectAll().orderBy('name').execute()
  expect(people).toMatchObject([
    { name: 'Ida Torres', department: 'IT', file_fields: ['admin', 'email', 'name'] },
    { name: 'Ivo Lang', department: null, rank: 'manager', active: true, file_fields: [] },
    { name: 'Lea Roth', file_fields: [] },
  ])
  const services = await world.owner.selectFrom('services').select(['name', 'active']).execute()
  expect(services.every((service) => !service.active)).toBe(true)
  expect(await world.owner.selectFrom('teams').selectAll().execute()).toMatchObject([{ from_file: false }])
  // The policy that was released still names it.
  expect(await world.owner.selectFrom('categories').select('name').execute()).toEqual([{ name: 'Database' }])
  const departments = await world.owner.selectFrom('departments').select('name').execute()
  expect(departments.map((row) => row.name).sort()).toEqual(['CSM', 'FINANCE', 'IT', 'OPS'])
  expect(
    await world.plan('people:\n  - { name: Ida Torres, email: ida@example.com, admin: true }\n'),
  ).toEqual([])
  await apply()
  expect(await plan()).toEqual([])
})

test('a department and a category that incidents name stay for them, and allow nothing', async () => {
  await apply()
  await world.owner
    .insertInto('incidents')
    .values({
      org_id: world.orgId,
      id: crypto.randomUUID(),
      number: 1,
      title: 'x',
      priority: 'P1',
      department: 'LEGAL',
      category: 'Contracts',
    })
    .execute()
  const rest = 'people:\n  - { name: Ida Torres, email: ida@example.com, admin: true }\n'
  await world.apply(rest)
  const legal = await world.owner
    .selectFrom('departments')
    .selectAll()
    .where('name', '=', 'LEGAL')
    .executeTakeFirst()
  expect(legal?.permissions).toEqual([])
  expect(await world.plan(rest)).toEqual([])
})

test('a deactivation by an administrator wins over the file', async () => {
  await apply()
  await world.owner
    .updateTable('people')
    .set({ active: false, deactivated_by: crypto.randomUUID() })
    .where('name', '=', 'Ivo Lang')
    .execute()
  await apply()
  const ivo = await world.owner
    .selectFrom('people')
    .selectAll()
    .where('name', '=', 'Ivo Lang')
    .executeTakeFirst()
  expect(ivo?.active).toBe(false)
  expect(await plan()).toEqual([])
})

test('a display name chosen in a chat is never taken for somebody of the file', async () => {
  const found = await world.arrive(world.slack, 'U-mallory', { name: 'Lea Roth' })
  await apply()
  const people = await world.owner.selectFrom('people').selectAll().where('name', '=', 'Lea Roth').execute()
  expect(people).toHaveLength(2)
  const mallory = await world.row((found as { personId: string }).personId)
  expect(mallory.file_fields).toEqual([])
})

test('a file that leaves no administrator is refused, and nothing of it is applied', async () => {
  await apply()
  const without = everything.replace('admin: true', 'admin: false').replace('Example Corp', 'Renamed')
  const wrong = parseConfiguration(without, { HOOK_SECRET: 'x' })
  await expect(
    world.within(({ tx }) => applyConfiguration(tx, world.orgId, wrong, sealing)),
  ).rejects.toMatchObject({
    kind: 'conflict',
  })
  expect(await plan()).toEqual([])
})

test('several replicas that start at once found one organisation and apply the file once', async () => {
  expect(await Promise.all([1, 2, 3].map(() => ensureOrganization(world.owner)))).toEqual(
    Array(3).fill(world.orgId),
  )
  const applied = await Promise.all([apply(), apply(), apply()])
  expect(applied.filter((changes) => changes.length)).toHaveLength(1)
})
