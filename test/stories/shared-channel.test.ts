import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTocsin, type Tocsin } from '../support/app.ts'

let tocsin: Tocsin
beforeAll(async () => {
  tocsin = await startTocsin()
})
afterAll(() => tocsin.stop())

test('where another organisation reads along, a channel’s clearance ends and nothing restricted is shared', async () => {
  const { slack } = tocsin
  const channel = 'C0FINANCE'
  slack.addUser({ id: 'UEVE', name: 'Eve Elsewhere', email: 'eve@other.example', team: 'T0OTHER' })
  await slack.as('UIDA').command('declare Checkout is down', { channel: 'C0PAYMENTS' })
  await tocsin.settled()
  await tocsin.sql(`insert into spendings (org_id, id, incident_id, kind, amount, what)
    select org_id, gen_random_uuid(), id, 'direct', 25000, 'replicas' from incidents`)

  // Cleared for costs, among ourselves.
  const before = await slack.as('UFINN').mention('show INC-001', { channel })
  expect(slack.textOf(await slack.answerTo(before))).toContain('25,000.00 USD')

  const foreign = await slack.as('UEVE').mention('show INC-001', { channel })
  await tocsin.settled()
  const words = slack.ephemerals('UEVE').map((message) => slack.textOf(message))
  expect(words.join()).toContain('another organisation')
  expect(words.join()).not.toContain('INC-001')
  expect(foreign.status).toBe(200)

  const posted = slack.messages(channel).length
  const after = await slack.as('UFINN').mention('show INC-001', { channel })
  expect(after.status).toBe(200)
  await tocsin.settled()
  const seen = slack
    .messages(channel)
    .slice(posted)
    .map((message) => slack.textOf(message))
  expect(seen.join()).toContain('Answered Finn Weber privately')
  expect(seen.join()).not.toContain('25,000')
  const alone = slack.direct('UFINN').at(-1)!
  expect(slack.textOf(alone)).toContain('25,000.00 USD')
  expect(slack.buttonsOf(alone).join()).not.toContain('Share')
})
