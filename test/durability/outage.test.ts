import { expect, test } from 'vitest'
import type { Sent } from '../support/slack-stand-in.ts'
import { createRandom, declareStanding, planBurst, type } from './burst.ts'
import { expectOnce } from './once.ts'
import type { Running } from './process.ts'
import { type DatabaseProxy, startProxy } from './proxy.ts'
import { createWorld, type World, within } from './world.ts'

/** Slack gives up after three seconds. */
const answeredWithinMs = within(3_000)
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const get = async (app: Running, path: string) => {
  const began = performance.now()
  const response = await fetch(`${app.url}${path}`)
  return { status: response.status, text: await response.text(), ms: performance.now() - began }
}
const memory = async (app: Running): Promise<number> => {
  const { text } = await get(app, '/metrics')
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)![1])
}

async function start(): Promise<{
  world: World
  proxy: DatabaseProxy
  app: Running
  [Symbol.asyncDispose](): Promise<void>
}> {
  const world = await createWorld()
  const proxy = await startProxy(world.databaseUrl)
  const app = await world.replica({ DATABASE_URL: proxy.url })
  return {
    world,
    proxy,
    app,
    async [Symbol.asyncDispose]() {
      await world.close()
      await proxy.close()
    },
  }
}

/** Every way in, while nothing can be stored: in time, and saying so. */
async function expectRefusals({ slack }: World, app: Running, said: RegExp): Promise<Sent[]> {
  const card = await slack.waitFor(() => slack.messages('C1')[0])
  const [command, event, click, ready, health, metrics] = await Promise.all([
    slack.as('UIDA').command('declare Refused', { channel: 'C5' }),
    slack.as('UOLGA').dm('priority INC-001 P2'),
    slack.as('UADA').click(card, 'Acknowledge'),
    get(app, '/readyz'),
    get(app, '/healthz'),
    get(app, '/metrics'),
  ])
  expect(command).toMatchObject({
    status: 200,
    body: { response_type: 'ephemeral', text: expect.stringMatching(said) },
  })
  expect(event.status).toBe(503)
  expect(click.status).toBe(503)
  expect(slack.textOf(await slack.answerTo(click))).toMatch(said)
  expect(ready.status).toBe(503)
  expect(health.status).toBe(200)
  expect(metrics.status).toBe(200)
  for (const { ms } of [command, event, click, ready, health, metrics])
    expect(ms).toBeLessThan(answeredWithinMs)
  return [command, event, click]
}

/** How long after the database's return the first command is taken. */
async function worksAgain({ slack }: World): Promise<number> {
  const began = performance.now()
  await slack.waitFor(async () => (await slack.as('UVERA').command('list', { channel: 'C7' })).body === '', {
    timeoutMs: within(6_000),
    what: 'a command that is taken',
  })
  return performance.now() - began
}

test.concurrent('a database that is away: every request is told so in time, and all goes on when it is back', {
  timeout: 120_000,
}, async () => {
  await using started = await start()
  const { world, proxy, app } = started
  const { slack } = world
  await declareStanding(slack)
  const before = await memory(app)
  await proxy.cut()
  const [, event] = await expectRefusals(world, app, /^Nothing was done/)
  // A storm of it costs nothing that stays.
  for (let round = 0; round < 10; round += 1) {
    const storm = await Promise.all(
      Array.from({ length: 40 }, (_, index) => slack.as(`U${round}X${index}`).command('list')),
    )
    for (const { body, ms } of storm) {
      expect(body).toMatchObject({ text: expect.stringMatching(/^Nothing was done/) })
      expect(ms).toBeLessThan(answeredWithinMs)
    }
  }
  expect(app.alive()).toBe(true)
  expect((await memory(app)) - before).toBeLessThan(80e6)

  await proxy.mend()
  expect(await worksAgain(world)).toBeLessThan(within(3_000))
  // Slack sends the event again; what was refused for good has left nothing.
  expect((await slack.client.post(event!.raw, 'application/json')).status).toBe(200)
  expect((await slack.client.post(event!.raw, 'application/json')).status).toBe(200)
  await world.settled()
  expect((await get(app, '/readyz')).status).toBe(200)
  expect(await world.sql(`select 1 from incidents where title = 'Refused'`)).toEqual([])
  expect(await world.sql(`select 1 from audit where operation = 'acknowledge'`)).toEqual([])
  expect(await world.sql(`select new from audit where operation = 'update_priority'`)).toEqual([
    { new: { priority: 'P2' } },
  ])
})

test.concurrent('a database that comes and goes in a burst: what was taken happens once', {
  timeout: 120_000,
}, async () => {
  await using started = await start()
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
  console.log('outages:', outages.length, tally)
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
  await world.settled()
  const tally = await expectOnce(world, plan.flat())
  console.log('sessions ended:', ended, tally)
  expect(tally.accepted).toBeGreaterThan(0)
  expect(app.alive()).toBe(true)
})

test.concurrent('a database that hangs: nobody waits, and dead connections are given up', {
  timeout: 120_000,
}, async () => {
  await using started = await start()
  const { world, proxy, app } = started
  await declareStanding(world.slack)
  proxy.hang()
  await expectRefusals(world, app, /^Nothing was done/)
  await pause(2_000)
  await expectRefusals(world, app, /^Nothing was done/)
  await proxy.mend()
  const took = await worksAgain(world)
  console.log('works again after', Math.round(took), 'ms')
  expect(took).toBeLessThan(within(5_000))
  await world.settled()
  expect((await get(app, '/readyz')).status).toBe(200)
  expect(await world.sql(`select 1 from incidents where title = 'Refused'`)).toEqual([])
})

test.concurrent('a database that stalls in a burst: what it kept all the same is done once and answered', {
  timeout: 120_000,
}, async () => {
  await using started = await start()
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
  const tally = await expectOnce(world, plan.flat())
  console.log('stalls:', stalls.length, tally)
})
