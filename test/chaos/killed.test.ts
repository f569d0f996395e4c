import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { type Command, createRandom, type Random, type } from '../durability/burst.ts'
import { expectOnce } from '../durability/once.ts'
import { within } from '../durability/world.ts'
import { behind, expectClimbed } from './climbed.ts'
import { type Cluster, startCluster, stepsOfClimbing } from './cluster.ts'
import { killAt, momentsOf, type Point } from './points.ts'
import { seeds } from './seeds.ts'

/** What a dead replica held is taken over within 15 s by those that are left. */
const takenOverWithinMs = 15_000

/** Two or three at once, by different people, each to any replica that is alive. */
async function declare(cluster: Cluster, random: Random, round: number): Promise<Command[]> {
  const users = ['UOLGA', 'UADA', 'UVERA'].slice(0, 2 + random.below(2))
  const plan = users.map((user): Command[] => {
    const mark = `${user.toLowerCase()}-${round}-${random.below(1e9).toString(36)}`
    return [{ kind: 'declare', user, mark, channel: `C${round}${user}`, text: `declare Fault ${mark}` }]
  })
  const url = () => random.pick(cluster.alive()).app.url
  await type(cluster.world.slack, plan, url, () => undefined)
  return plan.flat()
}

/** Declares, and climbs step by step; at the point, one of the replicas is killed. */
async function climb(cluster: Cluster, random: Random, point: Point, round: number): Promise<Command[]> {
  const { world } = cluster
  const atStore = point.startsWith('store')
  const killedIn = atStore ? -1 : random.below(stepsOfClimbing)
  const caughtUp = async (what: RegExp, leases: string[] = []) => {
    const left = async () => [
      ...(await behind(world)).filter((each) => what.test(each.what)),
      ...(await world.sql(`select 'lane' as what, destination from lanes where lease_id = any($1)`, [
        leases,
      ])),
    ]
    const timeoutMs = within(30_000)
    await world.slack
      .waitFor(async () => !(await left()).length, { timeoutMs })
      .catch(async (error) => {
        throw new Error(`${point}: after ${timeoutMs} ms ${JSON.stringify(await left())}`, { cause: error })
      })
  }
  const arm = (most: number) => killAt(cluster, point, 1 + random.below(most))
  const killed = async (armed: ReturnType<typeof arm>) => {
    const kill = await Promise.race([armed, pause(within(30_000), undefined, { ref: false })])
    if (!kill) throw new Error(`${point} was never met`)
    const { replica, at } = kill
    await replica.app.ended
    // The living give theirs back in a moment; a dead one's stand until somebody takes the lane over.
    const held = await world.sql<{ lease_id: string }>(
      'select lease_id from lanes where lease_id is not null',
    )
    await world.answered(within(takenOverWithinMs))
    await caughtUp(
      /step/,
      held.map(({ lease_id }) => lease_id),
    )
    const ms = Math.round(performance.now() - at)
    console.log(`${point}: ${replica.name} was killed in step ${killedIn + 1}, taken over in ${ms} ms`)
    expect(ms, `${point}: taken over`).toBeLessThan(within(takenOverWithinMs))
    await caughtUp(/page/)
  }

  // Commands that come together are stored together.
  const storing = atStore ? arm(1) : undefined
  const commands = await declare(cluster, random, round)
  if (storing) await killed(storing)
  await world.answered(within(takenOverWithinMs))
  for (let step = 0; step < stepsOfClimbing; step += 1) {
    // A step of several incidents is one claim and one commit as a rule, and one lane or page each.
    const armed = step === killedIn ? arm(/claim|commit/.test(point) ? 1 : 2) : undefined
    await cluster.advance('1 minute')
    if (armed) await killed(armed)
    else await caughtUp(/step/)
  }
  return commands
}

const groups = [
  ['store', 'lease'],
  ['claim', 'send'],
  ['commit', 'receipt'],
] as const

describe.for(seeds)('three replicas, of which some are killed (seed %i)', { timeout: 240_000 }, (seed) => {
  // At the same time: most of it is waiting for a dead process's leases to run out.
  for (const [index, group] of groups.entries()) {
    test.concurrent(`at ${group.join(' and at ')}: no step and no page is lost or comes twice`, async () => {
      await using cluster = await startCluster()
      const random = createRandom(seed + index)
      const commands: Command[] = []
      for (const [round, name] of group.entries()) {
        if (round) await cluster.add()
        commands.push(...(await climb(cluster, random, random.pick(momentsOf[name]!), round)))
      }
      expect(cluster.replicas.filter(({ app }) => !app.alive())).toHaveLength(group.length)
      await cluster.world.settled(within(60_000))
      const tally = await expectOnce(cluster.world, commands)
      console.log(`seed ${seed}`, group, tally, await expectClimbed(cluster.world))
    })
  }
})
