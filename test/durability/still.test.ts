import { expect, test } from 'vitest'
import { createRandom, declareStanding, planBurst, type } from './burst.ts'
import { expectOnce } from './once.ts'
import { createWorld, within } from './world.ts'

/** What it was doing is taken over within 15 s, locks that it holds included. */
const takenOverWithinMs = 15_000

test('a replica that stands still in a burst holds nobody up, and does nothing twice when it goes on', {
  timeout: 120_000,
}, async () => {
  await using world = await createWorld()
  const first = await world.replica()
  const second = await world.replica()
  await declareStanding(world.slack)
  const plan = planBurst(createRandom(7), 8)
  let still = false
  let turn = 0
  await type(
    world.slack,
    plan,
    () => (still ? second : turn++ % 2 ? first : second).url,
    (answered) => {
      if (answered !== 20) return
      // A virtual machine that is moved, a laptop that sleeps.
      first.kill('SIGSTOP')
      still = true
    },
  )
  await world.answered(within(takenOverWithinMs))
  first.kill('SIGCONT')
  await Promise.all(plan.flat().map(({ request }) => request))
  await world.settled()
  const { accepted } = await expectOnce(world, plan.flat())
  expect(accepted).toBeGreaterThan(20)
  expect(first.alive()).toBe(true)
})
