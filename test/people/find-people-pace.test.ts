import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Finder, slackPlatform, startFinder } from './find-people-support.ts'
import { createWorld, trusting, type World } from './support.ts'

let world: World
let finder: Finder
beforeEach(async () => {
  world = await createWorld()
  finder = await startFinder(world)
  await world.apply(trusting)
})
afterEach(async () => {
  await finder.stop()
  await world.close()
})

const crowd = (many: number) =>
  sql`insert into people (org_id, id, name, email) select ${world.orgId}, gen_random_uuid(), 'P' || n,
    'p' || n || '@example.com' from generate_series(1, ${many}::integer) n`.execute(world.owner)

/** As if so much real time had passed since the last question. */
const pass = (seconds: number) =>
  sql`update workspaces set lookups_until = lookups_until - make_interval(secs => ${seconds})`.execute(
    world.owner,
  )

test('ten thousand people make no burst: ten questions at first, forty in a minute, whoever may be paged before all others', async () => {
  await crowd(10_000)
  await world.apply(`${trusting}teams: [{ name: payments }, { name: platform }]
people:
  - { name: Plain, email: zoe@example.com }
  - { name: Lead, email: lead@example.com, rank: team_lead }
  - { name: Admin, email: admin@example.com, admin: true }
  - { name: In target team, email: team@example.com, teams: [platform] }
  - { name: Target, email: target@example.com }
  - { name: Last resort, email: last@example.com }
  - { name: Next week, email: next@example.com }
  - { name: On call, email: now@example.com }
  - { name: Cover, email: cover@example.com }
schedules:
  - name: primary
    time_zone: Europe/London
    layers: [{ start: 2026-01-05, rotation: weekly, handoff: "Mon 09:00", people: [now@example.com, next@example.com] }]
    overrides: [{ from: 2027-01-01T00:00, to: 2027-01-02T00:00, person: cover@example.com }]
policies:
  - name: all
    when: { priority: P1 }
    steps: [{ after: 0s, notify: [{ person: target@example.com }, { team: platform }] }]
    nobody: { person: last@example.com }
`)
  await sql`update clock set shift = '2026-01-06T12:00:00Z'::timestamptz - now()`.execute(world.owner)
  const began = Date.now()
  await finder.look()
  await finder.look()
  const first = finder.asked()
  expect(first).toHaveLength(10)
  const at = (name: string) => first.indexOf(`${name}@example.com`)
  // One batch goes out at once: who is in it is what counts.
  for (const name of ['now', 'next', 'cover', 'target', 'team', 'last', 'lead', 'admin'])
    expect(at(name), name).toBeGreaterThanOrEqual(0)
  for (let second = 0; second < 60; second += 2) {
    await pass(2)
    await finder.look()
  }
  // What the test itself took has passed as well.
  const most = 40 + Math.floor((Date.now() - began) / 2_000)
  expect(finder.asked().length).toBeGreaterThanOrEqual(40)
  expect(finder.asked().length).toBeLessThanOrEqual(most)
  expect(new Set(finder.asked()).size).toBe(finder.asked().length)
}, 60_000)

test('whoever is on call is asked for before those who are not', async () => {
  await world.apply(`${trusting}people:
  - { name: Lead, email: lead@example.com, rank: team_lead }
  - { name: Next week, email: next@example.com }
  - { name: On call, email: now@example.com }
schedules:
  - name: primary
    time_zone: Europe/London
    layers: [{ start: 2026-01-05, rotation: weekly, handoff: "Mon 09:00", people: [now@example.com, next@example.com] }]
`)
  await sql`update clock set shift = '2026-01-06T12:00:00Z'::timestamptz - now()`.execute(world.owner)
  for (const expected of ['now', 'next', 'lead']) {
    // One question is free at a time.
    await sql`update workspaces set lookups_until = now() + interval '18 seconds'`.execute(world.owner)
    await finder.look()
    expect(finder.asked().at(-1)).toBe(`${expected}@example.com`)
  }
  expect(finder.asked()).toHaveLength(3)
})

test('a missing scope is told once, with the scope to add; named accounts are found all the same', async () => {
  finder.slack.addUser({ id: 'UNAMED', name: 'named' })
  await crowd(30)
  await world.apply(`${trusting}people:\n  - { name: Named, on: { slack: UNAMED }, rank: user }\n`)
  finder.slack.fail(
    'users.lookupByEmail',
    { type: 'refused', error: 'missing_scope', needed: 'users:read.email' },
    99,
  )
  for (let look = 0; look < 3; look += 1) {
    await finder.look()
    await finder.wait(60)
  }
  expect(finder.asked()).toHaveLength(10)
  expect(await finder.accounts()).toEqual(['UNAMED Named'])
  await world.later('61 minutes')
  await finder.look()
  expect(finder.asked()).toHaveLength(20)
  const told = finder.lines.filter(({ level }) => level >= 40)
  expect(told).toHaveLength(1)
  expect(told[0]!.reason).toBe(
    'Slack does not let people be found by their e-mail address: Slack refused it: missing_scope (the app needs the scope users:read.email). Add the scope users:read.email to the app and install it again.',
  )

  finder.slack.heal()
  finder.slack.addUser({ id: 'U7', name: 'P7', email: 'p7@example.com' })
  await world.later('61 minutes')
  for (let look = 0; look < 4; look += 1) {
    await finder.wait(60)
    await finder.look()
  }
  expect(await finder.accounts()).toEqual(['U7 P7', 'UNAMED Named'])
})

test('a 429 stops the questions for as long as it says, and nobody is forgotten', async () => {
  await crowd(1)
  finder.slack.addUser({ id: 'U1', name: 'P1', email: 'p1@example.com' })
  finder.slack.fail('users.lookupByEmail', { type: 'throttled', retryAfter: 30 })
  await finder.look()
  expect(finder.asked()).toHaveLength(1)
  const wait = async () => {
    const { rows } = await sql<{
      seconds: number
    }>`select extract(epoch from lookups_until - now())::float as seconds
      from workspaces where id = ${world.slack.id}`.execute(world.owner)
    return rows[0]!.seconds - 18
  }
  expect(await wait()).toBeGreaterThan(28)
  expect(await wait()).toBeLessThanOrEqual(30)
  await world.person('Late', { email: 'late@example.com' })
  await finder.look()
  expect(finder.asked()).toHaveLength(1)
  await pass(31)
  // The lease of the one who was not answered for is over by then.
  await sql`update person_searches set lease_until = now()`.execute(world.owner)
  await finder.look()
  expect(finder.asked()).toHaveLength(2)
  for (let look = 0; look < 3; look += 1) {
    await finder.wait(60)
    await finder.look()
  }
  expect(await finder.accounts()).toEqual(['U1 P1'])
})

test('several replicas ask for each person once, at one pace', async () => {
  await crowd(25)
  const others = [finder.replica(), finder.replica(), finder]
  await Promise.all(others.map((replica) => replica.look()))
  expect(finder.asked()).toHaveLength(10)
  await finder.wait(60)
  await Promise.all(others.map((replica) => replica.look()))
  await finder.wait(60)
  await Promise.all(others.map((replica) => replica.look()))
  expect(finder.asked()).toHaveLength(25)
  expect(new Set(finder.asked()).size).toBe(25)
})

test('what a dead replica was asking is asked by another when its lease is over', async () => {
  await crowd(1)
  finder.slack.addUser({ id: 'U1', name: 'P1', email: 'p1@example.com' })
  await sql`insert into person_searches (org_id, workspace_id, person_id, sought, lease_id, lease_until)
    select org_id, ${world.slack.id}, id, 'p1@example.com', gen_random_uuid(), now() + interval '1 minute'
    from people`.execute(world.owner)
  await finder.look()
  expect(finder.asked()).toEqual([])
  await sql`update person_searches set lease_until = now()`.execute(world.owner)
  await finder.look()
  expect(await finder.accounts()).toEqual(['U1 P1'])
})

test('a platform that hangs holds up neither the look nor the stop nor another workspace', async () => {
  await crowd(3)
  finder.slack.fail('users.lookupByEmail', { type: 'hang' }, 3)
  const { job } = finder.replica()
  const began = Date.now()
  await job.run(new AbortController().signal)
  await finder.slack.waitFor(() => finder.asked().length === 3)
  expect(job.inWork!()).toBe(3)

  const second = await world.workspace('slack', 'T2')
  await job.run(new AbortController().signal)
  await finder.slack.waitFor(() => finder.asked().length === 6)
  await job.drain!()
  expect(Date.now() - began).toBeLessThan(3_000)
  expect(job.inWork!()).toBe(0)
  const left = await world.owner.selectFrom('person_searches').select('workspace_id').execute()
  expect(left.filter(({ workspace_id }) => workspace_id !== second.id)).toEqual([])

  await finder.wait(60)
  finder.slack.addUser({ id: 'U1', name: 'P1', email: 'p1@example.com' })
  await finder.look()
  expect(await finder.accounts()).toContain('U1 P1')
})

test('a platform that does not answer is given up after a while, and a failure is told once a minute', async () => {
  await crowd(1)
  finder.slack.fail('users.lookupByEmail', { type: 'hang' })
  finder.slack.fail('users.lookupByEmail', { type: 'status', status: 503 })
  const { look } = finder.replica({
    timeoutMs: 200,
    platforms: new Map([['slack', slackPlatform(finder.slack)]]),
  })
  for (let each = 0; each < 2; each += 1) {
    await look()
    await sql`update person_searches set lease_until = now()`.execute(world.owner)
  }
  expect(finder.asked()).toHaveLength(2)
  expect(finder.lines.filter(({ level }) => level >= 40).map(({ msg }) => msg)).toEqual([
    'people could not be looked for',
  ])
  finder.slack.addUser({ id: 'U1', name: 'P1', email: 'p1@example.com' })
  await look()
  expect(await finder.accounts()).toEqual(['U1 P1'])
})
