import { afterEach, beforeEach, expect, test } from 'vitest'
import { mergePeople } from '../../src/core/people.ts'
import { loadPolicy } from '../../src/core/policies/load.ts'
import { policiesFor, policyFor } from '../../src/core/policies/match.ts'
import { savePolicy } from '../../src/operations/policies/save-policy.ts'
import { policyWorld, refusal } from './support.ts'

let world: Awaited<ReturnType<typeof policyWorld>>
beforeEach(async () => {
  world = await policyWorld()
})
afterEach(() => world.close())

const full =
  'policies save payments when priority=P2 team=payments service=api-gateway ' +
  'steps 0s ida@example.com; 5m team_lead in team, cto; 5m team payments, channel C0123456789 do priority P1 ' +
  'repeat 2 nobody channel C0123456789 acknowledged for 30m'

const nameFor = async (incident: Awaited<ReturnType<typeof world.incident>>) =>
  (await world.within(({ tx }) => policyFor(tx, world.orgId, incident))).name

test('a policy is saved, listed and shown as the line that would save it again', async () => {
  expect(await world.type('policies')).toContain(
    'built-in: every incident\n1. 0s team_lead in team\n2. 5m manager in team\nThen all of it once more',
  )
  expect(await world.type(full)).toContain(
    'Policy payments is new. It applies to P2 and above · team payments · service api-gateway.',
  )
  const listed = await world.type('policies')
  expect(listed).toContain(
    [
      'payments: P2 and above · team payments · service api-gateway',
      '1. 0s ida@example.com',
      '2. 5m team_lead in team, cto',
      '3. 5m team payments, channel C0123456789 do priority P1',
      'Then all of it 2 more times',
      'When nobody answered: channel C0123456789',
      'Again when nothing happens for 30m after the acknowledgement',
    ].join('\n'),
  )
  expect(listed.indexOf('built-in: whatever no policy above covers')).toBeGreaterThan(
    listed.indexOf('payments:'),
  )
  const shown = await world.type('policies show Pay')
  expect(shown).toContain(full)
  expect(shown).toContain('Version: 1')
  expect(await world.type(full)).toContain('payments is like that already. Nothing was changed.')
})

test('a change of the steps is a new version, the old one stays; a change of conditions is none', async () => {
  await world.type('policies save night steps 0s cto')
  await world.type('policies save Night when priority=P1 steps 0s cto')
  const first = await world.owner.selectFrom('policies').selectAll().executeTakeFirstOrThrow()
  expect(first).toMatchObject({ name: 'Night', version: 1, min_priority: 'P1' })
  await world.type('policies save night steps 5m cto repeat 1')
  const [now, before] = await world.within(async ({ tx }) => [
    await loadPolicy(tx, world.orgId, first.id, 2),
    await loadPolicy(tx, world.orgId, first.id, 1),
  ])
  expect(now).toMatchObject({ repeats: 1, steps: [{ afterSeconds: 300 }] })
  expect(before).toMatchObject({ repeats: 0, steps: [{ afterSeconds: 0 }] })
  const lines = (await world.audit()).map((line) => [line.operation, line.old, line.new, line.label])
  expect(lines.at(-1)).toEqual([
    'save_policy',
    { name: 'Night', when: 'P1', steps: ['[0s cto]'], repeat: 0 },
    { name: 'night', when: 'every incident', steps: ['[5m cto]'], repeat: 1 },
    ['view_audit'],
  ])
})

test('the most specific policy is taken, and the built-in one where none fits', async () => {
  const { incident } = world
  const one = await incident({}, ['api-gateway'])
  expect(await nameFor(one)).toBe('built-in')
  await world.type('policies save all steps 0s cto')
  await world.type('policies save urgent when priority=P2 steps 0s cto')
  await world.type('policies save payments when priority=P2 team=payments steps 0s cto')
  await world.type('policies save gateway when priority=P2 service=api-gateway team=payments steps 0s cto')
  expect(await nameFor(one)).toBe('gateway')
  expect(await nameFor(await incident())).toBe('payments')
  expect(await nameFor(await incident({ team_id: null }))).toBe('urgent')
  expect(await nameFor(await incident({ priority: 'P3' }))).toBe('all')
  const many = [one, await incident({ priority: 'P3' }), await incident({ team_id: world.teamIds.platform })]
  const found = await world.within(({ tx }) => policiesFor(tx, world.orgId, many))
  expect(many.map(({ id }) => found.get(id)!.name)).toEqual(['gateway', 'all', 'urgent'])
})

test('two services of one incident have each their policy: the name that sorts first is taken', async () => {
  await world.type('policies save zeta when service=api-gateway steps 0s cto')
  await world.type('policies save alpha when service=ledger steps 0s cto')
  expect(await nameFor(await world.incident({}, ['api-gateway', 'ledger']))).toBe('alpha')
  expect(await nameFor(await world.incident({}, ['api-gateway']))).toBe('zeta')
})

test('a tie is refused, with the other policy and what to add', async () => {
  await world.type('policies save urgent when priority=P2 steps 0s cto')
  expect(await refusal(world.type('policies save payments when team=payments steps 0s cto'))).toBe(
    'payments and urgent would fit the same incidents, and neither is more specific. ' +
      "Add urgent's priority to payments as well, or another condition to one of them.",
  )
  await world.type('policies save payments when team=payments priority=P2 steps 0s cto')
  expect(
    await refusal(world.type('policies save payments2 when team=payments priority=P2 steps 0s cto')),
  ).toContain('Add a condition to payments2, or remove payments.')
  await world.type('policies save platform when team=platform priority=P2 steps 0s cto')
  expect(await world.owner.selectFrom('policies').select('name').orderBy('name').execute()).toEqual([
    { name: 'payments' },
    { name: 'platform' },
    { name: 'urgent' },
  ])
})

test('a new policy takes nobody’s name, and a change under another name keeps the policy', async () => {
  const { as, people } = world
  await world.type('policies save night steps 0s cto')
  const given = { name: 'Night', steps: '0s vp' }
  expect(await refusal(as(people.ada, savePolicy, { ...given, create: 'yes' }))).toBe(
    'There is a policy Night already.',
  )
  await world.type('policies save day when priority=P1 steps 0s cto')
  expect(await refusal(as(people.ada, savePolicy, { ...given, policy: 'day' }))).toBe(
    'There is a policy Night already.',
  )
  const before = await world.owner.selectFrom('policies').select('id').where('name', '=', 'day').execute()
  await as(people.ada, savePolicy, {
    name: 'dawn',
    priority: 'p1',
    steps: '0s vp',
    policy: 'day',
    version: '1',
  })
  const after = await world.owner.selectFrom('policies').select('id').where('name', '=', 'dawn').execute()
  expect(after).toEqual(before)
  expect(
    await refusal(
      as(people.ada, savePolicy, { name: 'dawn', steps: '0s cto', policy: 'dawn', version: '1' }),
    ),
  ).toBe('dawn was changed by somebody meanwhile. Open it again: policies show dawn')
})

test('two ties that are saved at the same moment do not both pass', async () => {
  const results = await Promise.allSettled([
    world.type('policies save one when team=payments steps 0s cto'),
    world.type('policies save two when team=payments steps 0s cto'),
  ])
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
})

test.each([
  [
    'policies save p steps 0s schedule rota',
    'Step 1: There is no schedule or team called rota; there are no schedules yet.',
  ],
  ['policies save p steps 0s cto; 5m Nora', 'Step 2: There is no active person called Nora.'],
  ['policies save p steps 0s team marketing', 'Step 1: There is no team marketing.'],
  ['policies save p steps 0s webhook lake', 'Step 1: There is no webhook lake. Known: none yet.'],
  ['policies save p steps 0s channel #incidents', 'Step 1: There is no console workspace here'],
  ['policies save p when team=marketing steps 0s cto', 'There is no team marketing.'],
  ['policies save p when category=Disks steps 0s cto', 'There is no category Disks. Known: Database.'],
  ['policies save p when service=mail steps 0s cto', 'There is no service mail. Known: api-gateway, ledger.'],
  ['policies save p when priority=P9 steps 0s cto', 'priority must be one of P1, P2, P3, P4, P5.'],
  ['policies save p steps 0s cto repeat 500', 'repeats must be 0 to 100.'],
  [
    'policies save p steps 0s cto acknowledged for soon',
    'acknowledged_for must be a duration such as 30m, at most 366d.',
  ],
  ['policies save p steps 0s cto nobody cto, cto', 'nobody is one target'],
  ['policies show p', 'There is no policy called p; there are none yet.'],
  ['policies remove p', 'There is no policy called p; there are none yet.'],
])('"%s" is refused: %s', async (line, sentence) => {
  expect(await refusal(world.type(line))).toContain(sentence)
  expect(await world.owner.selectFrom('policies').select('id').execute()).toEqual([])
})

test('webhooks and schedules are named, and a mention is somebody', async () => {
  const { orgId, owner } = world
  await owner
    .insertInto('webhooks')
    .values({
      ...{ org_id: orgId, id: crypto.randomUUID(), name: 'Audit Lake', url: 'https://hooks.example.com' },
      ...{ secret: Buffer.from('x'), secret_digest: Buffer.from('y') },
    })
    .execute()
  await owner
    .insertInto('schedules')
    .values({ org_id: orgId, id: crypto.randomUUID(), name: 'on call', team_id: null, time_zone: 'UTC' })
    .execute()
  await world.account(world.people.lena, 'ULENA')
  await world.type(
    'policies save p steps 0s schedule "On Call", <@ULENA> do assign me; 1h webhook audit lake',
  )
  expect(await world.type('policies show p')).toContain(
    'steps 0s schedule on call, lena@example.com do assign ada@example.com; 1h webhook Audit Lake',
  )
})

test('a removed policy is taken for nothing new, and an escalation that holds it goes on', async () => {
  const one = await world.incident()
  await world.type('policies save payments when team=payments category=Database steps 0s cto')
  await world.type('policies save all steps 0s cto')
  const held = await world.owner
    .selectFrom('policies')
    .select(['id', 'version'])
    .where('name', '=', 'payments')
    .executeTakeFirstOrThrow()
  expect(await world.type('policies remove payments')).toBe(
    'Policy payments is gone. Escalations that it began go on.',
  )
  expect(await nameFor(one)).toBe('all')
  const kept = await world.within(({ tx }) => loadPolicy(tx, world.orgId, held.id, held.version))
  expect(kept).toMatchObject({ name: 'payments', steps: [{ notify: [{ type: 'rank' }] }] })
  const line = (await world.audit()).at(-1)!
  expect(line).toMatchObject({
    operation: 'remove_policy',
    subject: 'payments',
    old: { when: 'team payments · category Database', steps: ['[0s cto]'] },
    label: ['view_audit'],
  })
  await world.type('policies save payments when team=payments steps 0s cto')
  expect(await nameFor(one)).toBe('payments')
})

test('without manage_policies nothing is shown or saved', async () => {
  for (const line of ['policies', full, 'policies show payments', 'policies remove payments']) {
    expect(await refusal(world.type(line, world.people.lena))).toContain('needs manage_policies')
  }
})

test('people who turn out to be one are still paged', async () => {
  const twin = await world.person('Ida T', { email: 'ida.t@example.com' })
  await world.type('policies save p steps 0s ida.t@example.com nobody ida.t@example.com')
  await world.within(({ tx }) => mergePeople(tx, world.orgId, twin, world.people.ida))
  expect(await world.type('policies show p')).toContain('steps 0s ida@example.com nobody ida@example.com')
})
