import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exampleUsers, startTocsin, type Tocsin } from '../support/app.ts'
import { buttonsOf } from '../support/slack-blocks.ts'
import { click, commandForm, event, form, formOf, submission } from '../support/slack-payloads.ts'
import { anyValue, type Change, changed } from './mutate.ts'

/** `FUZZ=5000 vitest run test/bad-input/fuzz.test.ts` looks further; the seed of a failure is in its message. */
const runs = Number(process.env.FUZZ ?? 80)

let tocsin: Tocsin
type Kind = 'command' | 'click' | 'event' | 'submission' | 'shortcut'
let real: Record<Kind, () => Record<string, unknown>>
let count = 0

const who = () => {
  count += 1
  const user = exampleUsers[count % exampleUsers.length]!.id
  return { user, team: tocsin.slack.team, home: tocsin.slack.team }
}
const fresh = () => ({
  trigger: `t${count}.${Math.random()}`,
  responseUrl: `${tocsin.slack.url}/hooks/none`,
  at: `${Date.now()}.${count}`,
})

beforeAll(async () => {
  tocsin = await startTocsin()
  const { slack } = tocsin
  const sent = await slack.as('UIDA').command('declare Checkout is down', { channel: 'C0PAYMENTS' })
  await slack.answerTo(sent)
  const card = await slack.waitFor(() => slack.messages('C0PAYMENTS')[0])
  await slack.as('UIDA').command('')
  const view = await slack.waitFor(() => slack.modals('UIDA')[0])
  const [button] = buttonsOf(card.blocks)
  real = {
    command: () =>
      Object.fromEntries(
        new URLSearchParams(
          commandForm(who(), { command: '/incident', text: 'show INC-001', channel: 'C1', ...fresh() }),
        ),
      ),
    click: () => click(who(), card, button!, fresh()),
    event: () =>
      event(who(), `Ev${Math.random()}`, slack.bot, {
        type: 'message',
        channel_type: 'im',
        channel: 'DIDA',
        text: 'what is open?',
        ts: '1700000000.000100',
        thread_ts: '1700000000.000100',
      }),
    submission: () => submission(who(), { ...view, id: `V${Math.random()}` }, { Title: 'A title' }, 't1'),
    shortcut: () => ({
      type: 'shortcut',
      callback_id: 'declare',
      trigger_id: fresh().trigger,
      user: { id: who().user, team_id: slack.team },
      team: { id: slack.team, domain: 'example' },
    }),
  }
})
afterAll(() => tocsin?.stop())

/** Below what is taken in from one workspace in ten seconds. */
const mostInARow = 400
let sent = 0
const post = async (kind: Kind, payload: Record<string, unknown>) => {
  if (++sent % mostInARow === 0) await new Promise((resolve) => setTimeout(resolve, 10_500))
  const body =
    kind === 'event'
      ? JSON.stringify(payload)
      : kind === 'command'
        ? form(Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, asText(value)])))
        : formOf(payload)
  const began = performance.now()
  const response = await fetch(`${tocsin.url}/slack/events`, {
    method: 'POST',
    headers: {
      'content-type': kind === 'event' ? 'application/json' : 'application/x-www-form-urlencoded',
      ...tocsin.slack.sign(body),
    },
    body,
  })
  return { status: response.status, text: await response.text(), ms: performance.now() - began }
}
const asText = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))

/** Rows that were not worked at the first try, and messages that we could not make ourselves. */
const faults = () =>
  tocsin.sql(`select payload::text as what, state, error, attempts from inbox where attempts > 1 or error is not null
    union all
    select notification::text, state, error, attempts from deliveries
      where state = 'dead' and error not like '%Slack%'`)
const worked = async () => (await tocsin.sql(`select 1 from inbox where state = 'queued'`)).length === 0

test.for<Kind>(['command', 'click', 'event', 'submission', 'shortcut'])(
  'a %s with anything in any field is answered at once, and breaks nothing that works it',
  { timeout: 60_000 + runs * 100 },
  async (kind) => {
    const change: fc.Arbitrary<Change> = fc.record({ at: fc.nat(), value: anyValue })
    let previous: unknown
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const payload = changed(real[kind](), changes)
        const { status, text, ms } = await post(kind, payload)
        const about = JSON.stringify({ kind, status, text, ms, changes, previous }).slice(0, 2_000)
        previous = changes
        // 503 is the word for "not taken"; nothing here may need it.
        expect(status, about).toBeLessThan(500)
        if (status >= 400) {
          expect(text.length, about).toBeLessThan(200)
          expect(ms, about).toBeLessThan(500)
        }
      }),
      { numRuns: runs },
    )
    await tocsin.slack.waitFor(worked, { timeoutMs: 15_000, what: 'an empty inbox' })
    expect(await faults()).toEqual([])
    expect((await fetch(`${tocsin.url}/readyz`)).status).toBe(200)
  },
)
