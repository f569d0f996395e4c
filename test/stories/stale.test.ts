import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTocsin, type Tocsin } from '../support/app.ts'
import type { SlackMessage } from '../support/slack-state.ts'
import { voices } from './speak.ts'

let tocsin: Tocsin
beforeAll(async () => {
  tocsin = await startTocsin()
})
afterAll(() => tocsin.stop())
const { ask, card, press, words } = voices(() => tocsin)

/** The card as somebody still sees it whose Slack has not followed yet. */
const asItStood = (message: SlackMessage): SlackMessage => structuredClone(message)

const declared = async (title: string): Promise<{ key: string; shown: SlackMessage }> => {
  const key = /INC-\d+/.exec(await ask('UIDA', `declare ${title}`))![0]
  return { key, shown: asItStood(await card(key)) }
}
const done = async (key: string, operation: string): Promise<number> => {
  const [row] = await tocsin.sql<{ times: number }>(
    `select count(*)::int as times from audit a join incidents i on i.id = a.incident_id
     where i.key = $1 and a.operation = $2 and a.outcome = 'done'`,
    [key, operation],
  )
  return row!.times
}

test('two people acknowledge the same card: the second hears who was first', async () => {
  const { key, shown } = await declared('Checkout is down')
  expect(await press('UIDA', shown, 'Acknowledge')).toContain(`${key} acknowledged by Ida Torres`)
  const late = await press('ULENA', shown, 'Acknowledge')
  expect(late).toMatch(new RegExp(`${key} was already acknowledged by Ida Torres at .*Nothing was changed`))
  expect(await done(key, 'acknowledge')).toBe(1)
})

test('a double click does one thing', async () => {
  const { key, shown } = await declared('Pages are slow')
  const clicks = await Promise.all([1, 2, 3].map(() => tocsin.slack.as('UIDA').click(shown, 'Acknowledge')))
  const answers = await Promise.all(clicks.map(async (sent) => words(await tocsin.slack.answerTo(sent))))
  expect(answers.filter((text) => text.includes('already'))).toHaveLength(2)
  expect(await done(key, 'acknowledge')).toBe(1)
})

test('an old card does not take an incident away from whoever took it since', async () => {
  const { key, shown } = await declared('Search finds nothing')
  await press('UIDA', shown, 'Take')
  expect(await press('ULENA', shown, 'Take')).toContain(`${key} was already taken by Ida Torres`)
  expect(await ask('UVIC', `show ${key}`)).toContain('Assignee Ida Torres')
  expect(await done(key, 'take')).toBe(1)
})

test('resolving from an old card after a reopening tells what happened, and does nothing twice', async () => {
  const { key, shown } = await declared('Mails are late')
  await press('UIDA', shown, 'Resolve')
  await ask('UIDA', `reopen ${key} still late`)
  const late = await press('ULENA', shown, 'Resolve')
  expect(late).toContain('Nothing was changed')
  expect(late).toContain('Ida Torres')
  expect(await ask('UVIC', `show ${key}`)).toContain('Status: IN_PROGRESS')
  expect(await done(key, 'resolve')).toBe(1)
})

test('the card of an incident that is closed acts on nothing', async () => {
  const { key, shown } = await declared('Printer burns')
  for (const verb of ['resolve', 'close']) await ask('UIDA', `${verb} ${key}`)
  expect(await press('ULENA', shown, 'Acknowledge')).toMatch(new RegExp(`${key} was .*acknowledged`))
  expect(await press('ULENA', shown, 'Take')).toContain(`${key} was not assigned: it is CLOSED.`)
  expect(await press('ULENA', shown, 'Resolve')).toContain(key)
  expect(await ask('UVIC', `show ${key}`)).toContain('Status: CLOSED')
})

test('a refused click is for the clicker alone, and the card stays as it was', async () => {
  const { key, shown } = await declared('Lift is stuck')
  const sent = await tocsin.slack.as('UVIC').click(shown, 'Acknowledge')
  const answer = await tocsin.slack.answerTo(sent)
  expect(answer.ephemeralTo).toBe('UVIC')
  expect(words(answer)).toContain(`${key} was not acknowledged: that needs acknowledge.`)
  expect(words(await card(key))).toContain('Status: OPEN')
  expect(tocsin.slack.messages('C0INCIDENTS').map(words).join()).not.toContain('that needs')
})
