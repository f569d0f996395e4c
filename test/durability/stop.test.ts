import { expect, test } from 'vitest'
import { createRandom, declareStanding, planBurst, type } from './burst.ts'
import { expectOnce } from './once.ts'
import { startProxy } from './proxy.ts'
import { createWorld } from './world.ts'

/** An orchestrator kills after 30 s; five of them are its own. */
const outWithinMs = 25_000

test.concurrent('a stop in a burst of commands: out in time, and nothing that was taken is lost', {
  timeout: 120_000,
}, async () => {
  await using world = await createWorld()
  const first = await world.replica()
  await declareStanding(world.slack)
  const plan = planBurst(createRandom(11), 10)
  let stoppedAt = 0
  let out: typeof first.ended | undefined
  await type(
    world.slack,
    plan,
    () => first.url,
    (answered) => {
      if (answered !== 25) return
      first.kill('SIGTERM')
      stoppedAt = performance.now()
      out = first.ended.then((how) => ({ ...how, ms: performance.now() - stoppedAt }))
    },
  )
  const { code, ms } = await out!
  expect(code).toBe(0)
  expect(ms).toBeLessThan(outWithinMs)
  // What is left was given back: nobody has to wait for a lease.
  const leased = await world.sql(`select id from inbox where state = 'queued' and lease_until > now()
    union all select id from lanes where lease_until > now()`)
  expect(leased).toEqual([])
  await world.replica()
  await world.settled()
  const tally = await expectOnce(world, plan.flat())
  expect(tally.accepted).toBeGreaterThanOrEqual(25)
})

test.concurrent('a stop while Slack hangs: out in time, and the answers are sent later', {
  timeout: 120_000,
}, async () => {
  await using world = await createWorld()
  const { slack } = world
  const first = await world.replica()
  await declareStanding(slack)
  for (const method of ['hooks', 'chat.postMessage', 'chat.update', 'users.info', 'conversations.open'])
    slack.fail(method, { type: 'hang', taken: method === 'hooks' || method === 'chat.postMessage' }, 200)
  const plan = planBurst(createRandom(12), 3)
  await type(
    slack,
    plan,
    () => first.url,
    () => undefined,
  )
  // Somebody whom Slack has to be asked about, and a form.
  const stranger = await slack.as('UCARLA').command('declare Fault of somebody new', { channel: 'C8' })
  first.kill('SIGTERM')
  const stoppedAt = performance.now()
  const { code } = await first.ended
  const ms = performance.now() - stoppedAt
  expect(ms).toBeLessThan(outWithinMs)
  expect(code).toBe(0)
  expect(stranger.status).toBe(200)
  slack.heal()
  await world.replica()
  await world.settled(40_000)
  await expectOnce(world, plan.flat())
})

test.concurrent('a stop while the database hangs: out in time all the same', {
  timeout: 120_000,
}, async () => {
  await using world = await createWorld()
  const proxy = await startProxy(world.databaseUrl)
  const first = await world.replica({ DATABASE_URL: proxy.url })
  await declareStanding(world.slack)
  const plan = planBurst(createRandom(13), 4)
  await type(
    world.slack,
    plan,
    () => first.url,
    (answered) => {
      if (answered === 10) proxy.hang()
    },
  )
  first.kill('SIGTERM')
  const stoppedAt = performance.now()
  await first.ended
  const ms = performance.now() - stoppedAt
  await proxy.close()
  expect(ms).toBeLessThan(outWithinMs)
  await world.replica()
  await world.settled()
  await expectOnce(world, plan.flat())
})
