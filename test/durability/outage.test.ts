import { expect, test } from 'vitest'
import type { Sent, SlackView } from '../support/slack-stand-in.ts'
import { startBehindProxy } from './behind-proxy.ts'
import { declareStanding } from './burst.ts'
import type { Running } from './process.ts'
import { type World, within } from './world.ts'

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

/** A dialog, opened while all is well. */
async function openDialog({ slack }: World): Promise<SlackView> {
  await slack.as('UIVO').command('', { channel: 'C6' })
  return slack.waitFor(() => slack.modals('UIVO')[0])
}

/** Submitted into the outage it is told so in the dialog; submitted again it is done, and once. */
async function submit({ slack }: World, view: SlackView) {
  const { status, body, ms } = await slack.as('UIVO').submit(view, { Title: 'From a dialog' })
  expect(status).toBe(200)
  expect(ms).toBeLessThan(answeredWithinMs)
  return body as { response_action: string; errors?: Record<string, string> }
}
const declaredOnce = async (world: World) =>
  expect(await world.sql(`select 1 from incidents where title = 'From a dialog'`)).toHaveLength(1)

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
  await using started = await startBehindProxy()
  const { world, proxy, app } = started
  const { slack } = world
  await declareStanding(slack)
  const before = await memory(app)
  const dialog = await openDialog(world)
  await proxy.cut()
  const [, event] = await expectRefusals(world, app, /^Nothing was done/)
  expect(Object.values((await submit(world, dialog)).errors!)[0]).toMatch(/^Nothing was saved/)
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
  expect(await submit(world, dialog)).toEqual({ response_action: 'clear' })
  // Slack sends the event again; what was refused for good has left nothing.
  expect((await slack.client.post(event!.raw, 'application/json')).status).toBe(200)
  expect((await slack.client.post(event!.raw, 'application/json')).status).toBe(200)
  await world.settled()
  await declaredOnce(world)
  expect((await get(app, '/readyz')).status).toBe(200)
  expect(await world.sql(`select 1 from incidents where title = 'Refused'`)).toEqual([])
  expect(await world.sql(`select 1 from audit where operation = 'acknowledge'`)).toEqual([])
  expect(await world.sql(`select new from audit where operation = 'update_priority'`)).toEqual([
    { new: { priority: 'P2' } },
  ])
})

test.concurrent('a database that hangs: nobody waits, and dead connections are given up', {
  timeout: 120_000,
}, async () => {
  await using started = await startBehindProxy()
  const { world, proxy, app } = started
  await declareStanding(world.slack)
  const dialog = await openDialog(world)
  proxy.hang()
  const [told] = await Promise.all([submit(world, dialog), expectRefusals(world, app, /^Nothing was done/)])
  expect(Object.values(told.errors!)[0]).toMatch(/it is done only once/)
  await pause(2_000)
  await expectRefusals(world, app, /^Nothing was done/)
  await proxy.mend()
  const took = await worksAgain(world)
  expect(took).toBeLessThan(within(5_000))
  expect(await submit(world, dialog)).toEqual({ response_action: 'clear' })
  await world.settled()
  await declaredOnce(world)
  expect((await get(app, '/readyz')).status).toBe(200)
  expect(await world.sql(`select 1 from incidents where title = 'Refused'`)).toEqual([])
})
