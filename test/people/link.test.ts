import { afterEach, beforeEach, expect, test } from 'vitest'
import { link } from '../../src/operations/people/link.ts'
import { createWorld, type World } from './support.ts'

let world: World
let inSlack: string
let inTeams: string
beforeEach(async () => {
  world = await createWorld()
  inSlack = ((await world.arrive(world.slack, 'U1', { name: 'Ida Torres' })) as { personId: string }).personId
  inTeams = ((await world.arrive(world.teams, 'aad1', { name: 'Ida' })) as { personId: string }).personId
})
afterEach(() => world.close())

const codeFor = async (personId: string, at = world.slack) =>
  /link code is (\S+)\./.exec(await world.as(personId, link, {}, at))![1]!

test('a code from one app, typed in the other, makes both accounts one person with their open work', async () => {
  await world.owner.updateTable('people').set({ rank: 'manager' }).where('id', '=', inSlack).execute()
  const incident = {
    org_id: world.orgId,
    id: crypto.randomUUID(),
    number: 1,
    title: 'x',
    priority: 'P1' as const,
  }
  await world.owner
    .insertInto('incidents')
    .values({ ...incident, reporter_id: inTeams })
    .execute()
  const code = await codeFor(inSlack)
  expect(await world.as(inTeams, link, { code: code.toLowerCase() }, world.teams)).toContain(
    "Ida Torres's now",
  )
  expect(await world.arrive(world.teams, 'aad1')).toMatchObject({ personId: inSlack })
  expect(await world.row(inTeams)).toMatchObject({ active: false })
  const moved = await world.owner.selectFrom('incidents').select('reporter_id').executeTakeFirst()
  expect(moved?.reporter_id).toBe(inSlack)
  await expect(world.as(inSlack, link, { code })).rejects.toMatchObject({ kind: 'denied' })
})

test('a code works for ten minutes, and a new one replaces it', async () => {
  const first = await codeFor(inSlack)
  const second = await codeFor(inSlack)
  await expect(world.as(inTeams, link, { code: first }, world.teams)).rejects.toMatchObject({
    kind: 'denied',
  })
  await world.later('11 minutes')
  await expect(world.as(inTeams, link, { code: second }, world.teams)).rejects.toMatchObject({
    kind: 'denied',
  })
})

test('guessing stops after ten tries, even with the right code', async () => {
  const code = await codeFor(inSlack)
  for (let i = 0; i < 10; i++) {
    await expect(world.as(inTeams, link, { code: `AAAAA-AAAA${i}` }, world.teams)).rejects.toThrow('not good')
  }
  await expect(world.as(inTeams, link, { code }, world.teams)).rejects.toThrow('Too many')
  expect(await world.arrive(world.teams, 'aad1')).toMatchObject({ personId: inTeams })
})

test('an account that an administrator placed brings nothing along and loses nothing by it', async () => {
  await world.owner.updateTable('people').set({ rank: 'vp' }).where('id', '=', inTeams).execute()
  const code = await codeFor(inSlack)
  await expect(world.as(inTeams, link, { code }, world.teams)).rejects.toThrow('Ask for the code here')
  expect(await world.row(inTeams)).toMatchObject({ rank: 'vp', active: true })
  const other = await codeFor(inTeams, world.teams)
  await world.as(inSlack, link, { code: other })
  expect(await world.arrive(world.slack, 'U1')).toMatchObject({ personId: inTeams })
})

test('asked for in a channel, the code goes to the direct conversation alone', async () => {
  const answer = await world.as(inSlack, link, {}, world.slack, false)
  expect(answer).not.toMatch(/[A-Z0-9]{5}-[A-Z0-9]{5}/)
  const sent = await world.owner.selectFrom('deliveries').select('notification').execute()
  expect(sent).toHaveLength(1)
  expect(sent[0]!.notification).toMatchObject({ type: 'direct', route: { type: 'person', user: 'U1' } })
})

test('no code stands in the database or in the audit log', async () => {
  const code = await codeFor(inSlack)
  const rows = JSON.stringify([
    await world.audit(),
    await world.owner.selectFrom('link_codes').selectAll().execute(),
  ])
  expect(rows).not.toContain(code)
  expect(rows).not.toContain(code.replace('-', ''))
})

test('words after link are a sentence, not a code', () => {
  expect(link.verb!.parse('checkout')).toBeUndefined()
  expect(link.verb!.parse('these two incidents')).toBeUndefined()
  expect(link.verb!.parse('ABCDE-FGH23')).toEqual({ code: 'ABCDE-FGH23' })
})
