/**
 * Buttons and dialogs say what somebody else once wrote into them. Slack signs what comes back and nobody but us
 * writes it; all the same it decides nothing: whatever it names is authorised for whoever sent it.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTocsin, type Tocsin } from '../support/app.ts'
import type { Sent, SlackMessage, SlackView } from '../support/slack-stand-in.ts'

let tocsin: Tocsin
let hidden: string
beforeAll(async () => {
  tocsin = await startTocsin()
  const { slack } = tocsin
  await slack.answerTo(await slack.as('UIDA').command('declare Open to all', { channel: 'C0GENERAL' }))
  // Seen once: that an account becomes known is a line in the audit log of its own.
  for (const user of ['UADA', 'UIVO', 'UVIC', 'UOLGA'])
    await slack.answerTo(await slack.as(user).command('whoami', { channel: 'C0GENERAL' }))
  const sent = await slack.as('UVERA').command('declare --private Takeover talks', { channel: 'C0GENERAL' })
  hidden = /INC-\d+/.exec(slack.textOf(await slack.answerTo(sent)))![0]
  await tocsin.settled()
})
afterAll(() => tocsin?.stop())

/** A click by this user on a button that says so. */
const press = async (user: string, value: unknown, channel = 'C0GENERAL'): Promise<Sent> => {
  const button = {
    type: 'button',
    action_id: 'forged',
    text: { type: 'plain_text', text: 'Forged' },
    value: typeof value === 'string' ? value : JSON.stringify(value),
  }
  const { slack } = tocsin
  const message: SlackMessage = {
    channel,
    ts: slack.state.ts(),
    text: 'forged',
    blocks: [{ type: 'actions', elements: [button] }],
    user: slack.bot,
    edits: 0,
    order: 0,
  }
  const sent = await slack.as(user).click(message, 'Forged')
  expect({ status: sent.status, body: sent.body }).toEqual({ status: 200, body: '' })
  return sent
}
const answer = async (sent: Sent) => tocsin.slack.textOf(await tocsin.slack.answerTo(sent))
const done = () =>
  tocsin.slack.waitFor(async () => !(await tocsin.sql(`select 1 from inbox where state = 'queued'`)).length)
const faults = () => tocsin.sql(`select payload, error from inbox where attempts > 1 or error is not null`)
const audited = async (): Promise<number> => {
  const [row] = await tocsin.sql<{ n: number }>(`select count(*)::int as n from audit where outcome = 'done'`)
  return row!.n
}

test.each<[string, string, unknown, RegExp]>([
  [
    'an operation that there is not',
    'UADA',
    { type: 'perform', operation: 'drop_tables', input: {} },
    /older version/,
  ],
  [
    'a name of every object',
    'UADA',
    { type: 'perform', operation: 'constructor', input: {} },
    /older version/,
  ],
  ['a form that there is not', 'UADA', { type: 'form', form: 'drop_tables' }, /./],
  [
    'a form of every object',
    'UADA',
    { type: 'form', form: '__proto__', values: { incident: 'INC-001' } },
    /./,
  ],
  [
    'a form for no incident',
    'UADA',
    { type: 'form', form: 'reopen', values: { incident: { toString: 1 } } },
    /./,
  ],
  ['an answer that there is not', 'UADA', { type: 'share', answer: 'nothing' }, /./],
  ["somebody else's answer", 'UIVO', { type: 'share', answer: '01900000-0000-7000-8000-000000000000' }, /./],
  [
    'an input too many',
    'UADA',
    { type: 'perform', operation: 'acknowledge', input: { incident: 'INC-001', actor: 'x' } },
    /unknown fields/,
  ],
  [
    'an input of another type',
    'UADA',
    { type: 'perform', operation: 'acknowledge', input: { incident: { a: 1 } } },
    /incident/,
  ],
  [
    'a version from the future',
    'UIVO',
    { type: 'perform', operation: 'acknowledge', input: { incident: 'INC-001' }, asOf: 1e15 },
    /acknowledge/,
  ],
  [
    'what the presser may not',
    'UVIC',
    { type: 'perform', operation: 'acknowledge', input: { incident: 'INC-001' } },
    /needs acknowledge/,
  ],
  [
    'an administrative operation',
    'UIDA',
    { type: 'perform', operation: 'set_administrator', input: { person: 'Ida Torres', administrator: true } },
    /./,
  ],
])('a button that names %s does nothing, and its presser is told', async (_what, user, value, told) => {
  const before = await audited()
  expect(await answer(await press(user, value))).toMatch(told)
  await done()
  expect(await audited()).toBe(before)
  expect(await faults()).toEqual([])
})

test.each<[string, string]>([
  ['nothing', ''],
  ['no JSON', '{'],
  ['a number', '7'],
  ['a list', '[]'],
  ['another type', '{"type":"become","user":"UADA"}'],
  ['3,900 characters', `"${'x'.repeat(3_900)}"`],
  ['depth', `${'{"a":'.repeat(500)}1${'}'.repeat(500)}`],
])('a button that holds %s does nothing', async (_what, value) => {
  const before = await audited()
  await press('UADA', value)
  await done()
  expect(await audited()).toBe(before)
  expect(await faults()).toEqual([])
})

test('a private incident cannot be told from none, whatever a button or a dialog names', async () => {
  const { slack } = tocsin
  const texts: string[] = []
  for (const key of [hidden, 'INC-999']) {
    const clicked = await answer(
      await press('UIDA', { type: 'perform', operation: 'acknowledge', input: { incident: key } }),
    )
    const formed = await answer(
      await press('UIDA', { type: 'form', form: 'update_incident', values: { incident: key } }),
    )
    texts.push(`${clicked}\n${formed}`.replaceAll(key, 'KEY'))
  }
  expect(texts[0]).toBe(texts[1])
  expect(slack.modals('UIDA')).toEqual([])
})

/** The dialog for updating INC-001, opened by Olga, as it came. */
async function openUpdate(): Promise<SlackView> {
  const { slack } = tocsin
  await press('UOLGA', { type: 'form', form: 'update_incident', values: { incident: 'INC-001' } })
  return slack.waitFor(() => slack.modals('UOLGA').at(-1))
}
const forge = (
  view: SlackView,
  change: { hidden?: unknown; metadata?: unknown; callback?: string },
): SlackView => {
  const kept = JSON.parse(view.private_metadata) as Record<string, unknown>
  return {
    ...view,
    id: `${view.id}${Math.random()}`,
    callback_id: change.callback ?? view.callback_id,
    private_metadata: JSON.stringify({
      hidden: 'hidden' in change ? change.hidden : kept.hidden,
      metadata: 'metadata' in change ? change.metadata : kept.metadata,
    }),
  }
}

test('a dialog that names another incident changes it only for who may', async () => {
  const { slack } = tocsin
  const view = await openUpdate()
  const before = await audited()
  for (const incident of [hidden, 'INC-999', { toString: 1 }, ['INC-001'], null, 'x'.repeat(2_000)]) {
    const sent = await slack.as('UOLGA').submit(forge(view, { hidden: { incident } }), { Note: 'forged' })
    expect(sent.status).toBe(200)
    expect(sent.body).toMatchObject({ response_action: 'errors' })
  }
  // A viewer sends what was made for somebody else.
  const sent = await slack.as('UVIC').submit(forge(view, {}), { Note: 'forged' })
  expect(JSON.stringify(sent.body)).toMatch(/needs comment/)
  expect(await audited()).toBe(before)
  expect(await tocsin.sql(`select 1 from comments where body = 'forged'`)).toEqual([])
})

test.each<[string, { hidden?: unknown; metadata?: unknown; callback?: string }]>([
  ['another operation', { callback: 'form:set_administrator' }],
  ['an operation of every object', { callback: 'form:constructor' }],
  ['no form of ours', { callback: 'approve' }],
  ['hidden values that are a word', { hidden: 'INC-001' }],
  ['hidden values that are nothing', { hidden: null }],
  ['an origin that is a number', { metadata: 7 }],
  ['an origin that is no JSON', { metadata: '{' }],
])('a dialog with %s ends in no fault', async (_what, change) => {
  const { slack } = tocsin
  const view = await openUpdate()
  const sent = await slack.as('UOLGA').submit(forge(view, change), {})
  expect(sent.status).toBe(change.callback === 'approve' ? 400 : 200)
  // Where it was opened decides nothing; for the rest, a dialog that closed would say that something was done.
  const action = 'metadata' in change ? 'clear' : 'errors'
  if (sent.status === 200) expect(sent.body).toMatchObject({ response_action: action })
  expect(await faults()).toEqual([])
})

test('a dialog is answered to its sender alone, whichever channel it says it was opened in', async () => {
  const { slack } = tocsin
  const view = await openUpdate()
  const metadata = JSON.stringify({ channel: 'C0FINANCE', url: 'https://evil.example/hook' })
  const sent = await slack.as('UOLGA').submit(forge(view, { metadata }), { Note: 'from elsewhere' })
  expect(sent.body).toMatchObject({ response_action: 'clear' })
  await tocsin.settled()
  expect(slack.messages('C0FINANCE')).toEqual([])
  expect(slack.ephemerals('UOLGA').some((message) => message.channel === 'C0FINANCE')).toBe(true)
})

/**
 * The declaring dialog's channel is where the card goes: a forged one puts the card, as far as that channel is
 * cleared, where any member of it could have declared; a private incident never goes to one.
 */
test('a forged channel gets no more of an incident than one declared there', async () => {
  const { slack } = tocsin
  await slack.as('UIVO').command('', { channel: 'C0GENERAL' })
  const view = await slack.waitFor(() => slack.modals('UIVO')[0])
  for (const channel of ['C0ELSEWHERE', { toString: 1 }, 7, '', 'C'.repeat(2_000)]) {
    const sent = await slack
      .as('UIVO')
      .submit(forge(view, { hidden: { channel } }), { Title: 'Forged place' })
    expect(sent.body).toMatchObject({ response_action: 'clear' })
  }
  await slack.waitFor(() => slack.messages('C0ELSEWHERE').length)
  await tocsin.settled()
  const [card, ...more] = slack.messages('C0ELSEWHERE')
  // Its thread hears that nobody is paged, as anywhere.
  expect(more.every(({ thread_ts }) => thread_ts === card!.ts)).toBe(true)
  expect(slack.textOf(card!)).toContain('Forged place')
})
