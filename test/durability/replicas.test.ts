import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Sent } from '../support/slack-stand-in.ts'
import type { Running } from './process.ts'
import { createWorld, type World } from './world.ts'

let world: World
let replicas: Running[]
/** Takes what people send and does nothing with it: what they sent is sent on by hand, as often as it takes. */
let nowhere: { url: string; close(): void }

beforeAll(async () => {
  world = await createWorld()
  replicas = [await world.replica(), await world.replica()]
  const server = createServer((request, response) => void request.resume().on('end', () => response.end()))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  nowhere = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
})
afterAll(async () => {
  nowhere.close()
  await world.close()
})

/** What somebody sends, before it reaches anybody. */
const hold = (send: () => Promise<Sent>): Promise<Sent> => {
  world.slack.connect(nowhere.url)
  return send()
}
/** The same request to every replica at the same moment, `times` over. */
const deliver = (raw: string, times = 1, contentType?: string) =>
  Promise.all(
    Array.from({ length: times }, () => replicas)
      .flat()
      .map((replica) => {
        world.slack.connect(replica.url)
        return world.slack.client.post(raw, contentType)
      }),
  )
const declare = async (title: string, channel: string): Promise<string> => {
  world.slack.connect(replicas[0]!.url)
  const sent = await world.slack.as('UADA').command(`declare ${title}`, { channel })
  return /INC-\d+/.exec(world.slack.textOf(await world.slack.answerTo(sent)))![0]
}
const answersTo = ({ hook }: Sent) => world.slack.state.messages.filter((message) => message.hook === hook)
const audits = (operation: string) =>
  world.sql(`select actor from audit where operation = $1 and outcome = 'done'`, [operation])

test('a command that reaches both replicas, and comes again later, happens once and is answered once', async () => {
  const { slack } = world
  const held = await Promise.all(
    Array.from({ length: 15 }, (_, index) =>
      hold(() => slack.as('UIDA').command(`declare Twice ${index}`, { channel: `C5${index}` })),
    ),
  )
  const answers = await Promise.all(held.map(({ raw }) => deliver(raw)))
  for (const { status, body } of answers.flat()) expect({ status, body }).toEqual({ status: 200, body: '' })
  await Promise.all(held.map((sent) => slack.answerTo(sent)))
  for (const { raw } of held.slice(0, 3)) await deliver(raw)
  await world.settled()
  for (const sent of held) expect(answersTo(sent)).toHaveLength(1)
  expect(await audits('create_incident')).toHaveLength(15)
  const [row] = await world.sql(
    'select count(*)::int as rows, count(distinct title)::int as titles from incidents',
  )
  expect(row).toEqual({ rows: 15, titles: 15 })
  // One card each, whichever replica posted it.
  for (let index = 0; index < 15; index += 1) {
    expect(slack.messages(`C5${index}`).filter(({ thread_ts }) => !thread_ts)).toHaveLength(1)
  }
})

test('a click delivered to both is one click; of two people who click at once one was first', async () => {
  const { slack } = world
  const key = await declare('Clicked twice', 'C61')
  const card = await slack.waitFor(() => slack.messages('C61')[0])
  const clicks = await Promise.all(
    ['UIDA', 'UVERA'].map((user) => hold(() => slack.as(user).click(card, 'Acknowledge'))),
  )
  await Promise.all(clicks.map(({ raw }) => deliver(raw, 2)))
  const texts = await Promise.all(clicks.map(async (sent) => slack.textOf(await slack.answerTo(sent))))
  await world.settled()
  for (const sent of clicks) expect(answersTo(sent)).toHaveLength(1)
  expect(texts.filter((text) => /already/.test(text))).toHaveLength(1)
  expect(texts.every((text) => text.includes(key))).toBe(true)
  expect(await audits('acknowledge')).toHaveLength(1)
})

test('an event delivered five times, also to another replica, is heard once', async () => {
  const { slack } = world
  const key = await declare('Told five times', 'C62')
  const said = await hold(() => slack.as('UOLGA').dm(`priority ${key} P1`))
  for (let time = 0; time < 5; time += 1) {
    slack.connect(replicas[time % 2]!.url)
    expect((await slack.client.post(said.raw, 'application/json')).status).toBe(200)
  }
  await deliver(said.raw, 1, 'application/json')
  await world.settled()
  expect(await audits('update_priority')).toHaveLength(1)
  expect(slack.direct('UOLGA')).toHaveLength(1)
})

test('a dialog submitted to both replicas at once is worked once, and closes for both', async () => {
  const { slack } = world
  slack.connect(replicas[0]!.url)
  await slack.as('UIVO').command('', { channel: 'C63' })
  const view = await slack.waitFor(() => slack.modals('UIVO')[0])
  const submitted = await hold(() => slack.as('UIVO').submit(view, { Title: 'From a dialog' }))
  const answers = await deliver(submitted.raw, 2)
  for (const { status, body } of answers)
    expect({ status, body }).toEqual({ status: 200, body: { response_action: 'clear' } })
  await world.settled()
  expect(await world.sql(`select 1 from incidents where title = 'From a dialog'`)).toHaveLength(1)
})

test('two replicas number what is declared at once without a gap or a double', async () => {
  const { slack } = world
  const users = ['UIDA', 'UIVO', 'UOLGA', 'UMAYA', 'UVERA', 'UADA']
  const sent = await Promise.all(
    Array.from({ length: 24 }, (_, index) => {
      slack.connect(replicas[index % 2]!.url)
      return slack.as(users[index % 6]!).command(`declare Numbered ${index}`, { channel: `C7${index}` })
    }),
  )
  await Promise.all(sent.map((one) => slack.answerTo(one)))
  const [row] = await world.sql(`select count(*)::int as rows, count(distinct number)::int as numbers,
    max(number) as newest, (select max(last_incident) from organizations) as last from incidents`)
  expect(row!.numbers).toBe(row!.rows)
  expect(row!.newest).toBe(row!.rows)
  expect(row!.last).toBe(row!.rows)
})
