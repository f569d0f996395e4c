/** The console's own doors, over the whole program: whatever comes, a status and a sentence, and no fault behind it. */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { be } from '../console/support.ts'
import { startTocsin, type Tocsin } from '../support/app.ts'
import { anyValue, type Change, changed } from './mutate.ts'

const runs = Number(process.env.FUZZ ?? 60)
let tocsin: Tocsin
let somebody: Awaited<ReturnType<typeof be>>
let channel: string
let shown: string

beforeAll(async () => {
  tocsin = await startTocsin({ env: { CONSOLE: 'on' } })
  const state = (await (await fetch(`${tocsin.url}/console/state`)).json()) as {
    people: { user: string; name: string }[]
    channels: { channel: string }[]
  }
  const ida = state.people.find(({ name }) => name === 'Ida Torres')!
  channel = state.channels[0]!.channel
  somebody = await be(tocsin.url, ida.user)
  await somebody.say(channel, '/incident declare Checkout is down')
  await tocsin.slack.waitFor(async () => (await somebody.messages(channel)).length > 1)
  shown = (await somebody.messages(channel)).at(-1)!.id
})
afterAll(() => tocsin?.stop())

const send = async (path: string, body: unknown) => {
  const began = performance.now()
  const response = await fetch(`${tocsin.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: somebody.Cookie },
    body: JSON.stringify(body),
  })
  return { status: response.status, text: await response.text(), ms: performance.now() - began }
}
const faults = () => tocsin.sql(`select payload, error from inbox where attempts > 1 or error is not null`)
const eventId = () => crypto.randomUUID()

const real: Record<string, () => Record<string, unknown>> = {
  '/console/message': () => ({ eventId: eventId(), channel, text: '/incident show INC-001', page: 'p1' }),
  '/console/action': () => ({
    eventId: eventId(),
    message: shown,
    page: 'p1',
    action: { type: 'perform', operation: 'acknowledge', input: { incident: 'INC-001' }, asOf: 1 },
  }),
  '/console/form': () => ({
    eventId: eventId(),
    channel,
    operation: 'update_incident',
    values: { note: 'a note' },
    hidden: { incident: 'INC-001' },
  }),
}

test.for(Object.keys(real))(
  '%s with anything in any field ends in no fault',
  { timeout: 60_000 + runs * 100 },
  async (path) => {
    const change: fc.Arbitrary<Change> = fc.record({ at: fc.nat(), value: anyValue })
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const { status, text } = await send(path, changed(real[path]!(), changes))
        expect(status, JSON.stringify({ path, text, changes }).slice(0, 1_000)).toBeLessThan(500)
        if (status >= 400 && status !== 422) expect(text.length).toBeLessThan(300)
      }),
      { numRuns: runs },
    )
    await tocsin.slack.waitFor(
      async () => !(await tocsin.sql(`select 1 from inbox where state = 'queued'`)).length,
      {
        timeoutMs: 15_000,
      },
    )
    expect(await faults()).toEqual([])
  },
)

test('a form that names what one may not know or do is refused like any other way', async () => {
  const form = { channel, operation: 'update_incident', values: { note: 'forged' } }
  for (const incident of ['INC-999', { toString: 1 }, null])
    expect(await send('/console/form', { eventId: eventId(), ...form, hidden: { incident } })).toMatchObject({
      status: 422,
    })
  for (const operation of ['set_administrator', 'constructor', 'drop_tables'])
    expect(await send('/console/form', { eventId: eventId(), ...form, operation, hidden: {} })).toMatchObject(
      { status: 422 },
    )
  expect(await tocsin.sql(`select 1 from comments where body = 'forged'`)).toEqual([])
})

test('text that Postgres cannot store is cleaned on its way in', async () => {
  await somebody.say(channel, '/incident declare Dark\u0000 half \ud800 moon')
  await expect
    .poll(() => tocsin.sql(`select title from incidents where title like 'Dark%'`), { timeout: 5_000 })
    .toEqual([{ title: 'Dark half \ufffd moon' }])
})
