import { afterAll, beforeAll, expect, test } from 'vitest'
import { page } from '../../src/operations/people/page.ts'
import { createWorld, type World } from '../people/support.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())

test('pages that a sender sends at once are counted one after the other: ten of twelve go out', async () => {
  const lena = await world.person('Lena Lead', { rank: 'team_lead' })
  await world.arrive(world.slack, 'UIDA', { name: 'Ida Torres' })
  const tries = await Promise.allSettled(
    Array.from({ length: 12 }, (_, count) =>
      world.as(lena, page, { whom: 'Ida Torres', text: `number ${count}` }),
    ),
  )
  const refused = tries.filter(({ status }) => status === 'rejected')
  expect(refused).toHaveLength(2)
  for (const each of refused) {
    expect(each).toMatchObject({
      reason: { kind: 'conflict', message: expect.stringContaining('more than 10 pages') },
    })
  }
  const { count } = await world.owner
    .selectFrom('pages')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  expect(Number(count)).toBe(10)
})

test('a page to oneself tries one’s own ways', async () => {
  const ivo = await world.person('Ivo Lang', { rank: 'oncall_engineer' })
  await world.owner
    .insertInto('identities')
    .values({
      org_id: world.orgId,
      workspace_id: world.slack.id,
      external_id: 'UIVO',
      person_id: ivo,
      name: 'Ivo',
      email: null,
      kind: 'member',
    })
    .execute()
  expect(await world.as(ivo, page, { whom: 'Ivo Lang', text: 'a try' })).toContain('Ivo Lang: Slack now')
})
