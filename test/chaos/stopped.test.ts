import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type Command, createRandom, declareStanding, planBurst, type } from '../durability/burst.ts'
import { expectOnce } from '../durability/once.ts'
import { createWorld, type World, within } from '../durability/world.ts'
import { behind, expectClimbed } from './climbed.ts'
import { climbing, everybodySpeaks, stepsOfClimbing } from './cluster.ts'
import { seeds, thorough } from './seeds.ts'
import { type Server, startServer } from './server.ts'

const stops = thorough ? 20 : 1
const outageMs = thorough ? 60_000 : 5_000
/** Everything works again so soon after the database is back. */
const recoveredWithinMs = 15_000

const get = async (url: string, path: string) => (await fetch(`${url}${path}`)).status

/** Steps that fell due are taken, commands are taken and answered, and every replica says that it is ready. */
async function recovered(world: World, urls: string[]): Promise<number> {
  const { slack } = world
  const began = performance.now()
  const timeoutMs = within(recoveredWithinMs)
  slack.connect(urls[0]!)
  const ask = async () => {
    const sent = await slack.as('UVERA').command('list', { channel: 'C0LIST' })
    return sent.body === '' ? sent : undefined
  }
  const sent = await slack.waitFor(ask, { timeoutMs, what: 'a command that is taken' })
  await slack.answerTo(sent, { timeoutMs })
  await slack.waitFor(
    async () => (await Promise.all(urls.map((url) => get(url, '/readyz')))).every((status) => status === 200),
    {
      timeoutMs,
      what: 'replicas that are ready',
    },
  )
  await slack.waitFor(async () => (await behind(world)).every(({ what }) => !what.startsWith('step')), {
    timeoutMs,
    what: 'the steps that are due',
  })
  return Math.round(performance.now() - began)
}

/** The database goes in the middle of steps that fall due, and comes back after `forMs`. */
async function stopOnce(world: World, server: Server, urls: string[], moment: number, forMs: number) {
  await pause(700)
  await world.sql(`update clock set shift = shift + interval '1 minute'`)
  await pause(moment)
  await server.stopAtOnce()
  await pause(forMs)
  await server.start()
  const ms = await recovered(world, urls)
  expect(ms).toBeLessThan(within(recoveredWithinMs))
  return ms
}

test(`a database server that is stopped at once ${stops} times under load, and once for ${outageMs / 1000} s: nothing is lost, no step comes twice`, {
  timeout: 150_000 + stops * 60_000,
}, async () => {
  const server = await startServer()
  await using world = await createWorld({ configuration: climbing, database: server })
  const urls = [(await world.replica()).url, (await world.replica()).url]
  const { slack } = world
  await everybodySpeaks(world)
  await declareStanding(slack)
  const random = createRandom(seeds[0]!)
  const commands: Command[] = []
  /** People type until it is over. What is declared pages people, who hear one thing a second: two at a time. */
  const loadWhile = async <T>(work: Promise<T>): Promise<T> => {
    let over = false
    let declared = 0
    const keeps = ({ kind }: Command) => {
      if (kind === 'declare') return ++declared <= 2
      return kind !== 'ack' || random.next() < 0.2
    }
    const url = async () => {
      await pause(300 + random.below(1_200))
      return random.pick(urls)
    }
    const typing = (async () => {
      while (!over) {
        const plan = planBurst(random, 2).map((mine) => mine.filter(keeps))
        commands.push(...plan.flat())
        await type(slack, plan, url, () => undefined)
      }
    })()
    try {
      return await work
    } finally {
      over = true
      await typing
    }
  }
  const moments = createRandom(seeds[0]! + 1)
  const took: number[] = []
  for (let stop = 0; stop < stops; stop += 1) {
    const [moment, forMs] = [moments.below(1_500), moments.below(1_000)]
    took.push(await loadWhile(stopOnce(world, server, urls, moment, forMs)))
  }
  const long = await loadWhile(stopOnce(world, server, urls, moments.below(1_500), outageMs))
  // What was stored and not worked before a stop is declared by now; then whatever is left of its climb.
  await world.answered(within(recoveredWithinMs))
  for (let step = 0; step < stepsOfClimbing; step += 1) {
    await world.sql(`update clock set shift = shift + interval '1 minute'`)
    await slack.waitFor(async () => (await behind(world)).every(({ what }) => !what.startsWith('step')), {
      timeoutMs: within(recoveredWithinMs),
    })
  }
  await world.settled(within(120_000))
  const tally = await expectOnce(world, commands)
  console.log({ took, long }, tally, await expectClimbed(world))
  expect(tally.accepted).toBeGreaterThan(0)
})
