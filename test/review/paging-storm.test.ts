/** Many at once. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { enqueue, type NewDelivery } from '../../src/core/outbox.ts'
import { escalateJob } from '../../src/engine/escalate.ts'
import { createLogger } from '../../src/log.ts'
import { createWorld, type World } from '../people/support.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())

const to = (user: string): NewDelivery => ({
  workspaceId: world.slack.id,
  route: { type: 'person', user },
  notification: { type: 'page', page: { why: 'You are paged.', text: 'A storm' } },
  urgency: 0,
})
const stored = async () => {
  const { count } = await world.owner
    .selectFrom('deliveries')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

test('a step that pages six thousand people writes every page', async () => {
  const before = await stored()
  const deliveries = Array.from({ length: 6_000 }, (_, index) => to(`UMANY${index}`))
  const ids = await world.within(({ tx, orgId }) => enqueue(tx, orgId, deliveries))
  expect(new Set(ids).size).toBe(6_000)
  expect(await stored()).toBe(before + 6_000)
})

test('steps that page the same new people in another order do not stand in each other’s way', async () => {
  const before = await stored()
  for (let round = 0; round < 5; round += 1) {
    const users = Array.from({ length: 400 }, (_, index) => `U${round}X${index}`)
    const write = (order: string[]) => world.within(({ tx, orgId }) => enqueue(tx, orgId, order.map(to)))
    await Promise.all([write(users), write(users.toReversed()), write(users), write(users.toReversed())])
  }
  expect(await stored()).toBe(before + 5 * 4 * 400)
})

test('later ways that fall due together are all in line after one look', async () => {
  const later = Array.from({ length: 1_300 }, (_, index) => ({ ...to(`ULATER${index}`), laterSeconds: 60 }))
  await world.within(({ tx, orgId }) => enqueue(tx, orgId, later))
  await world.later('2 minutes')
  const job = escalateJob({ db: world.db, log: createLogger('silent'), wakeDeliver: () => undefined })
  await job.run(new AbortController().signal)
  const left = await world.owner
    .selectFrom('deliveries')
    .select('id')
    .where('state', '=', 'waiting')
    .execute()
  expect(left).toHaveLength(0)
})
