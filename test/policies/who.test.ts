import { afterEach, beforeEach, expect, test } from 'vitest'
import { peopleOf } from '../../src/core/policies/people-of.ts'
import type { Target } from '../../src/core/policies/policy.ts'
import { addOverrides } from '../../src/core/schedules/save.ts'
import { removeSchedule } from '../../src/operations/schedules/remove-schedule.ts'
import { policyWorld } from './support.ts'

let world: Awaited<ReturnType<typeof policyWorld>>
beforeEach(async () => {
  world = await policyWorld()
})
afterEach(() => world.close())

/** A schedule in which one person is on call for ten years. */
async function schedule(name: string, personId: string) {
  const id = crypto.randomUUID()
  await world.owner
    .insertInto('schedules')
    .values({ org_id: world.orgId, id, name, team_id: world.teamIds.payments, time_zone: 'UTC' })
    .execute()
  const one = { from: new Date('2025-01-01'), to: new Date('2035-01-01'), person: personId }
  await world.within(({ tx }) => addOverrides(tx, world.orgId, id, [one], { fromFile: true }))
  return id
}

const names = async (targets: Target[], teamId: string | null = world.teamIds.payments) =>
  (await world.within(({ tx, now }) => peopleOf(tx, world.orgId, targets, { teamId, at: now }))).map(
    ({ people }) => people.map(({ name }) => name),
  )

test('each target stands for its active people, a rank for exactly that rank', async () => {
  const { ida, leo } = world.people
  const { payments, platform } = world.teamIds
  const rota = await schedule('rota', leo)
  const targets: Target[] = [
    { type: 'person', personId: ida },
    { type: 'schedule', scheduleId: rota },
    { type: 'schedule', scheduleId: crypto.randomUUID() },
    { type: 'rank', rank: 'team_lead', inTeam: true },
    { type: 'rank', rank: 'team_lead', inTeam: false },
    { type: 'rank', rank: 'vp', inTeam: false },
    { type: 'team', teamId: payments },
    { type: 'team', teamId: platform },
    { type: 'channel', platform: 'slack', channel: 'C1' },
    { type: 'webhook', webhookId: crypto.randomUUID() },
  ]
  expect(await names(targets)).toEqual([
    ['Ida Torres'],
    ['Leo Lead'],
    [],
    ['Lena Lead'],
    ['Lena Lead', 'Leo Lead'],
    [],
    ['Ida Torres', 'Lena Lead'],
    ['Leo Lead'],
    [],
    [],
  ])
  expect((await names(targets, null))[3]).toEqual([])
  await world.owner.updateTable('people').set({ active: false }).where('id', 'in', [ida, leo]).execute()
  expect(await names(targets)).toEqual([
    [],
    [],
    [],
    ['Lena Lead'],
    ['Lena Lead'],
    [],
    ['Lena Lead'],
    [],
    [],
    [],
  ])
  expect(await names([])).toEqual([])
})

test('policies test says who would be told when, by which way, and who cannot be told', async () => {
  const { ida, lena, cato, ada } = world.people
  await world.account(ida, 'UIDA')
  await world.account(lena, 'ULENA')
  await schedule('rota', ida)
  await world.owner
    .updateTable('people')
    .set({ time_zone: 'Europe/London' })
    .where('id', 'in', [ada, ida, lena, cato])
    .execute()
  await world.owner
    .updateTable('clock')
    .set({ shift: sqlShift('2026-01-12T14:00:00Z') })
    .execute()
  await world.type('policies save all steps 0s cto')
  await world.type(
    'policies save payments when priority=P2 team=payments steps 0s schedule rota; ' +
      '5m team_lead in team, cto; 10m channel C0123456789 do priority P1 repeat 1 nobody channel C0123456789',
  )
  await world.type('policies save worst when priority=P1 team=payments steps 0s cto')
  const incident = await world.incident()
  const said = await world.type(`policies test ${incident.key}`)
  expect(said).toContain(
    [
      'INC-001 follows the policy payments: it applies to P2 and above · team payments.',
      'Less specific: all (every incident).',
      'Who would be told when (Europe/London)',
      '1. now, 14:00 · schedule rota: Ida Torres by Slack',
      '2. 14:05 · team_lead in team: Lena Lead by Slack · cto: Cato Chief has no way to be told',
      '3. 14:15 · priority P1 · channel C0123456789',
      'All of it again at 14:25',
      '14:50: nobody answered, channel C0123456789',
      'Once it is P1, the policy worst applies instead.',
    ].join('\n'),
  )
})

test('what quiet hours put off is said, and never for a P1', async () => {
  const { ida, ada } = world.people
  await world.account(ida, 'UIDA')
  await world.owner.updateTable('people').set({ time_zone: 'UTC' }).where('id', 'in', [ada, ida]).execute()
  await world.owner
    .insertInto('preferences')
    .values({
      org_id: world.orgId,
      person_id: ida,
      high: null,
      low: null,
      quiet_hours: JSON.stringify({ from: '22:00', to: '07:00' }),
    })
    .execute()
  await world.owner
    .updateTable('clock')
    .set({ shift: sqlShift('2026-01-12T23:00:00Z') })
    .execute()
  await world.type('policies save all steps 0s ida@example.com')
  const quiet = await world.incident({ priority: 'P2' })
  expect(await world.type(`policies test ${quiet.key}`)).toContain(
    '1. now, 23:00 · ida@example.com: Ida Torres by Slack at 07:00, after quiet hours',
  )
  const loud = await world.incident({ priority: 'P1' })
  expect(await world.type(`policies test ${loud.key}`)).toContain(
    '1. now, 23:00 · ida@example.com: Ida Torres by Slack\n',
  )
})

test('a step that reaches nobody is not waited for, and an incident that reaches nobody says so', async () => {
  await world.account(world.people.cato, 'UCATO')
  await world.owner
    .updateTable('clock')
    .set({ shift: sqlShift('2026-01-12T14:00:00Z') })
    .execute()
  const incident = await world.incident({ team_id: null })
  expect(await world.type(`policies test ${incident.key}`)).toContain(
    'INC-001 follows the policy built-in: no policy covers it.\nIt would reach nobody.',
  )
  await world.type('policies save all steps 0s team_lead in team; 30m cto')
  expect(await world.type(`policies test ${incident.key}`)).toContain(
    '1. now, 14:00 · team_lead in team: nobody\n2. now, 14:00 · cto: Cato Chief by Slack',
  )
})

test('a private incident is told to people alone, and tested by those who may know of it', async () => {
  await world.type('policies save all steps 0s cto, channel C0123456789')
  const secret = await world.incident({ private: true })
  await expect(world.type(`policies test ${secret.key}`)).rejects.toThrow(
    'There is no incident INC-001 that you may see.',
  )
  await world.owner
    .insertInto('incident_people')
    .values({
      org_id: world.orgId,
      incident_id: secret.id,
      person_id: world.people.ada,
      relation: 'invited',
    })
    .execute()
  expect(await world.type(`policies test ${secret.key}`)).toContain(
    'channel C0123456789: nothing, because it is private',
  )
})

test('an escalation that runs by another version is named', async () => {
  await world.type('policies save all steps 0s cto')
  const incident = await world.incident()
  const { id } = await world.owner.selectFrom('policies').select('id').executeTakeFirstOrThrow()
  await world.owner
    .insertInto('escalations')
    .values({
      ...{ org_id: world.orgId, id: crypto.randomUUID(), incident_id: incident.id, policy_id: id },
      ...{ policy_version: 1, due_at: new Date(), remaining: null, lease_id: null },
      ...{ late_told_at: null, ended_at: null },
    })
    .execute()
  expect(await world.type(`policies test ${incident.key}`)).not.toContain('keeps the policy it began with')
  await world.type('policies save all steps 5m cto')
  expect(await world.type(`policies test ${incident.key}`)).toContain(
    'The escalation that runs keeps the policy it began with: all, version 1. Below is what a new one would do.',
  )
})

test('an acknowledged incident pages nobody, which is said', async () => {
  const incident = await world.incident()
  await world.owner
    .updateTable('incidents')
    .set({ acknowledged_at: new Date(), acknowledged_by: world.people.ida })
    .execute()
  expect(await world.type(`policies test ${incident.key}`)).toContain(
    'INC-001 is acknowledged: nobody is paged for it while that holds.',
  )
})

/** What makes business time stand about at an instant. */
const sqlShift = (at: string) => `${Date.parse(at) - Date.now()} milliseconds`

test('a schedule that a policy pages is not removed under it', async () => {
  await schedule('rota', world.people.ida)
  await world.type('policies save payments when team=payments steps 0s schedule rota')
  const remove = () => world.as(world.people.ada, removeSchedule, { schedule: 'rota' })
  await expect(remove()).rejects.toThrow(
    'rota was not removed: the policy payments would page nobody in its place. Change that first: policies show payments',
  )
  await world.type('policies save payments when team=payments steps 0s ida@example.com')
  await remove()
})
