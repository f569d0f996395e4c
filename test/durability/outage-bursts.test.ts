import { expect, test } from 'vitest'
import { startBehindProxy } from './behind-proxy.ts'
import { createRandom, declareStanding, planBurst, type } from './burst.ts'
import { expectOnce } from './once.ts'
import { createWorld } from './world.ts'

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test.concurrent('a database that comes and goes in a burst: what was taken happens once', {
  timeout: 120_000,
}, async () => {
  await using started = await startBehindProxy()
  const { world, proxy, app } = started
  await declareStanding(world.slack)
  const plan = planBurst(createRandom(4), 9)
  const outages: Promise<void>[] = []
  await type(
    world.slack,
    plan,
    async () => {
      await pause(20)
      return app.url
    },
    (answered) => {
      if (answered % 15 === 0)
        outages.push(
          proxy
            .cut()
            .then(() => pause(100))
            .then(() => proxy.mend()),
        )
    },
  )
  await Promise.all(outages)
  await world.settled()
  const tally = await expectOnce(world, plan.flat())
  expect(tally.accepted).toBeGreaterThan(0)
  expect(app.alive()).toBe(true)
})

test.concurrent('a database that ends every session in a burst, as at its restart: what was taken happens once', {
  timeout: 120_000,
}, async () => {
  await using world = await createWorld()
  const app = await world.replica()
  await declareStanding(world.slack)
  const plan = planBurst(createRandom(6), 10)
  let ended = 0
  const end = async () => {
    const rows = await world.sql(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name like 'tocsin%'`)
    ended += rows.length
  }
  const ends: Promise<void>[] = []
  await type(
    world.slack,
    plan,
    () => app.url,
    (answered) => {
      if (answered % 6 === 0) ends.push(end())
    },
  )
  await Promise.all(ends)
  expect(ended).toBeGreaterThan(20)
  await world.settled()
  const tally = await expectOnce(world, plan.flat())
  expect(tally.accepted).toBeGreaterThan(0)
  expect(app.alive()).toBe(true)
})

test.concurrent('a database that stalls in a burst: what it kept all the same is done once and answered', {
  timeout: 120_000,
}, async () => {
  await using started = await startBehindProxy()
  const { world, proxy, app } = started
  await declareStanding(world.slack)
  const plan = planBurst(createRandom(5), 6)
  const stalls: Promise<void>[] = []
  await type(
    world.slack,
    plan,
    () => app.url,
    (answered) => {
      if (answered % 12 !== 0) return
      proxy.hang()
      stalls.push(pause(2_500).then(() => proxy.mend({ late: true })))
    },
  )
  await Promise.all(stalls)
  await world.settled()
  const { accepted } = await expectOnce(world, plan.flat())
  expect(accepted).toBeGreaterThan(0)
})
