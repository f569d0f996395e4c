import { describe, expect, test } from 'vitest'
import { createRandom, declareStanding, planBurst, type } from './burst.ts'
import { expectOnce } from './once.ts'
import type { Running } from './process.ts'
import { createWorld, type World, within } from './world.ts'

/** `CHAOS_SEEDS=20 vitest run test/durability/killed.test.ts` tries 20 other moments; `CHAOS_SEED=123` that one. */
const count = Number(process.env.CHAOS_SEEDS ?? 0)
const given = process.env.CHAOS_SEED
const seeds = given
  ? [Number(given)]
  : count
    ? Array.from({ length: count }, () => Math.floor(Math.random() * 1e9))
    : [20_260]

/** A dead process's work is taken over within 15 s by whoever is there to do it. */
const takenOverWithinMs = 15_000
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Kills the first of the replicas at a moment of the burst; `next` is where people's commands go from then on. */
async function burst(world: World, seed: number, replicas: Running[], next: () => Promise<Running>) {
  const random = createRandom(seed)
  const [first] = replicas as [Running]
  const plan = planBurst(random, 10)
  const killAfter = 1 + random.below(plan.flat().length - 12)
  const moment = random.below(20)
  let replacing: Promise<Running> | undefined
  let killedAt = 0
  const kill = async () => {
    await pause(moment)
    first.kill('SIGKILL')
    killedAt = performance.now()
    replacing = next()
  }
  let killing: Promise<void> | undefined
  let turn = 0
  await type(
    world.slack,
    plan,
    async () => (replacing ? await replacing : replicas[turn++ % replicas.length]!).url,
    (answered) => {
      if (answered === killAfter) killing = kill()
    },
  )
  await killing
  await replacing
  await world.answered(within(takenOverWithinMs))
  const answered = Math.round(performance.now() - killedAt)
  await world.settled()
  const settled = Math.round(performance.now() - killedAt)
  const tally = await expectOnce(world, plan.flat())
  console.log(
    `seed ${seed}: killed ${moment} ms after answer ${killAfter}, answered in ${answered} ms, settled in ${settled} ms`,
    tally,
  )
  expect(tally.accepted).toBeGreaterThan(killAfter)
}

describe.for(seeds)('killed in a burst of commands (seed %i)', { timeout: 120_000 }, (seed) => {
  // At the same time: most of it is waiting for a dead process's leases to run out.
  test.concurrent('then started again: each is done and answered once', async () => {
    await using world = await createWorld()
    const first = await world.replica()
    await declareStanding(world.slack)
    await burst(world, seed, [first], async () => {
      await first.ended
      return world.replica()
    })
  })

  test.concurrent('beside a second replica, which goes on: each is done and answered once', async () => {
    await using world = await createWorld()
    const first = await world.replica()
    const second = await world.replica()
    await declareStanding(world.slack)
    await burst(world, seed + 1, [first, second], async () => second)
  })
})
