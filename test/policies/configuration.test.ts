import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseConfiguration } from '../../src/core/configuration/parse.ts'
import { describeChange } from '../../src/core/configuration/step.ts'
import { policyWorld, refusal } from './support.ts'

let world: Awaited<ReturnType<typeof policyWorld>>
beforeEach(async () => {
  world = await policyWorld()
})
afterEach(() => world.close())

const base = `
teams: [{ name: payments }, { name: platform }]
people:
  - { name: Ada Admin, email: ada@example.com, admin: true }
  - { name: Ida Torres, email: ida@example.com, teams: [payments] }
categories:
  - { name: Database, department: IT }
services:
  - { name: api-gateway }
schedules:
  - { name: payments-primary, time_zone: Europe/London, layers: [] }
`
const file = `${base}
policies:
  - name: payments
    when: { priority: P2, team: Payments, category: database, department: it, service: api-gateway }
    steps:
      - { after: 0s, notify: [{ schedule: Payments-Primary }], do: [{ assign: { schedule: payments-primary } }] }
      - { after: 5m, notify: [{ rank: team_lead, in: team }, { person: Ida@example.com }] }
      - { after: 5m, notify: [{ team: payments }, { channel: { slack: C01, teams: "19:x@y" } }], do: [{ raise_priority: P1 }] }
    repeat: 2
    nobody: { channel: { slack: C0123456789 } }
    acknowledged_for: 30m
`
const words = async (yaml: string) =>
  (await world.plan(yaml)).map(describeChange).filter((line) => line.includes('policies'))
const stored = () =>
  world.owner.selectFrom('policies').selectAll().where('removed_at', 'is', null).orderBy('name').execute()

test('the file’s policy is what it says; twice is once, and what changes is said in words', async () => {
  const added =
    'add policies: payments (name payments, when P2 and above · team payments · category Database · ' +
    'department IT · service api-gateway, steps [0s schedule payments-primary do assign schedule ' +
    'payments-primary] [5m team_lead in team, ida@example.com] [5m team payments, channel C01, ' +
    'channel 19:x@y do priority P1], repeat 2, nobody channel C0123456789, acknowledged_for 30m)'
  expect(await words(file)).toEqual([added])
  await world.apply(file)
  expect(await world.plan(file)).toEqual([])
  expect(await world.apply(file)).toEqual([])
  expect(await stored()).toMatchObject([
    {
      name: 'payments',
      version: 1,
      min_priority: 'P2',
      category: 'Database',
      department: 'IT',
      from_file: true,
    },
  ])
  expect(await world.type('policies')).toContain(
    'payments: P2 and above · team payments · category Database · department IT · service api-gateway · from the file',
  )
  expect(await words(file.replace('repeat: 2', 'repeat: 3'))).toEqual([
    'change policies: payments (repeat 2 → 3)',
  ])
  expect(await words(file.replace('Ida Torres', 'Ida T. Torres'))).toEqual([])
  await world.apply(file.replace('repeat: 2', 'repeat: 3'))
  expect(await stored()).toMatchObject([{ version: 2 }])
  await world.apply(file.replace('repeat: 2', 'repeat: 3').replace('priority: P2', 'priority: P1'))
  expect(await stored()).toMatchObject([{ version: 2, min_priority: 'P1' }])
})

test('a webhook and a schedule that the file adds in the same go are targets of its policies', async () => {
  const hooks = `${base}
webhooks:
  - { name: Audit-Lake, url: "https://hooks.example.com/in", secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw }
policies:
  - { name: all, steps: [{ after: 0s, notify: [{ webhook: audit-lake }, { schedule: payments-primary }] }] }
`
  await world.apply(hooks)
  expect(await world.plan(hooks)).toEqual([])
  expect(await world.type('policies show all')).toContain(
    '1. 0s webhook Audit-Lake, schedule payments-primary',
  )
})

test('verbs leave the file’s policy alone; once the file lets go of it they may change it', async () => {
  await world.apply(file)
  const said = 'the configuration file sets it. Change it there and apply the file.'
  expect(await refusal(world.type('policies save payments steps 0s cto'))).toBe(
    `payments was not changed: ${said}`,
  )
  expect(await refusal(world.type('policies remove payments'))).toBe(`payments was not removed: ${said}`)
  expect(await words(base)).toEqual(['release policies: payments'])
  await world.apply(base)
  expect(await words(base)).toEqual([])
  expect(await world.type('policies save payments steps 0s cto')).toContain('Policy payments is changed')
  expect(await words(file)).toHaveLength(1)
  await world.apply(file)
  expect(await stored()).toMatchObject([{ name: 'payments', from_file: true, version: 3 }])
})

test('a policy that is called otherwise in the file takes the place of the former one', async () => {
  await world.apply(file)
  const renamed = file.replace('- name: payments\n    when', '- name: money\n    when')
  expect((await words(renamed)).map((line) => line.split(' (')[0])).toEqual([
    'remove policies: payments',
    'add policies: money',
  ])
  await world.apply(renamed)
  expect((await stored()).map(({ name }) => name)).toEqual(['money'])
  expect(await world.plan(renamed)).toEqual([])
})

test('a tie with a policy that people saved is refused, and nothing is applied', async () => {
  await world.type('policies save by-hand when team=payments steps 0s cto')
  const tied = `${base}policies: [{ name: p, when: { priority: P2 }, steps: [{ after: 0s, notify: [{ rank: cto }] }] }]\n`
  expect(await refusal(world.apply(tied))).toBe(
    'Nothing was applied: p and by-hand would fit the same incidents, and neither is more specific. ' +
      "Add by-hand's team to p as well, or another condition to one of them. Verbs change by-hand.",
  )
  expect(await stored()).toHaveLength(1)
})

test('a category that a policy of the file leaves, goes; one that somebody’s policy names, stays', async () => {
  await world.apply(file)
  const disks = file
    .replace('name: Database,', 'name: Disks,')
    .replace('category: database', 'category: Disks')
  await world.apply(disks)
  expect(await stored()).toMatchObject([{ category: 'Disks' }])
  expect(await world.plan(disks)).toEqual([])
  await world.type('policies save own when category=Disks team=platform steps 0s cto')
  const without = file
    .replace('name: Database,', 'name: Tables,')
    .replace('category: database', 'category: Tables')
  await world.apply(without)
  expect((await stored()).map(({ name, category }) => [name, category])).toEqual([
    ['own', 'Disks'],
    ['payments', 'Tables'],
  ])
  expect(await world.plan(without)).toEqual([])
})

test('a department that somebody’s policy names stays, empty; the file’s own policy lets go of it', async () => {
  const legal = base.replace(
    'teams:',
    'departments: [{ name: LEGAL, permissions: [view_incident] }, { name: PRESS, permissions: [view_incident] }]\nteams:',
  )
  const own =
    '\npolicies: [{ name: f, when: { department: PRESS }, steps: [{ after: 0s, notify: [{ rank: cto }] }] }]\n'
  await world.apply(legal + own)
  await world.type('policies save own when department=legal steps 0s cto')
  const later = base + own.replace('PRESS', 'OPS')
  await world.apply(later)
  expect((await stored()).map(({ name, department }) => [name, department])).toEqual([
    ['f', 'OPS'],
    ['own', 'LEGAL'],
  ])
  const departments = await world.owner.selectFrom('departments').select(['name', 'permissions']).execute()
  expect(departments.filter(({ name }) => ['LEGAL', 'PRESS'].includes(name))).toEqual([
    { name: 'LEGAL', permissions: [] },
  ])
  expect(await world.plan(later)).toEqual([])
})

const step = 'steps: [{ after: 0s, notify: [{ rank: cto }] }]'
test.each([
  [
    `- { name: a, ${step} }\n  - { name: A, when: { team: payments }, ${step} }`,
    'policies[1].name is there twice',
  ],
  [
    `- { name: a, ${step} }\n  - { name: b, ${step} }`,
    'line 14: policies[1].when leaves a tie: b and a would fit the same incidents, and neither is more specific',
  ],
  [`- { name: a, when: { service: mail }, ${step} }`, 'when.service names no service of this file'],
  ['- { name: a, steps: [] }', 'policies[0].steps must have at least one step'],
  [
    '- { name: a, steps: [{ after: 0s, do: [{ open_channel: false }] }] }',
    'steps[0].do[0].open_channel must be true',
  ],
  [
    '- { name: a, steps: [{ after: 0s, do: [{ open_channel: true, raise_priority: P1 }] }] }',
    'steps[0].do[0] must be exactly one of raise_priority, assign, open_channel',
  ],
  [
    '- { name: a, steps: [{ after: 0s, do: [{ dance: true }] }] }',
    'policies[0].steps[0].do[0].dance is not known here',
  ],
  [
    '- { name: a, steps: [{ after: 0s, do: [{ assign: { person: x@y.example } }] }] }',
    'do[0].assign.person is nobody’s e-mail address under people',
  ],
  [
    '- { name: a, steps: [{ after: 0s, do: [{ assign: {} }] }] }',
    'do[0].assign must be one person or one schedule',
  ],
  [
    '- { name: a, steps: [{ after: 0s, notify: [{ webhook: lake }] }] }',
    'notify[0].webhook names no webhook of this file',
  ],
  [`- { name: a, ${step}, acknowledged_for: 0s }`, 'acknowledged_for must be more than 0s'],
  ['- { name: a, steps: [{ after: 999999d }] }', 'steps[0].after must be at most 366d'],
  [
    `- { name: a, ${step}, nobody: { channel: { slack: C1, teams: "19:x" } } }`,
    'nobody.channel must be one channel',
  ],
])('the file’s policies %s are refused: %s', async (policies, problem) => {
  expect(
    await refusal((async () => parseConfiguration(`${base}policies:\n  ${policies}\n`, {}))()),
  ).toContain(problem)
})
