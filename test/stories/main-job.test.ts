import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTocsin, type Tocsin } from '../support/app.ts'

let tocsin: Tocsin
beforeAll(async () => {
  tocsin = await startTocsin()
})
afterAll(() => tocsin.stop())

const ask = async (user: string, text: string, channel = 'C0GENERAL') => {
  const sent = await tocsin.slack.as(user).command(text, { channel })
  expect(sent.status).toBe(200)
  return tocsin.slack.textOf(await tocsin.slack.answerTo(sent))
}

test('an incident goes from the first message to its close', async () => {
  const { slack } = tocsin
  expect(await ask('UIDA', 'declare Checkout is down', 'C0PAYMENTS')).toContain(
    'INC-001 declared by Ida Torres',
  )

  const card = await slack.waitFor(() =>
    slack.messages('C0PAYMENTS').find((m) => slack.textOf(m).includes('INC-001')),
  )
  expect(slack.textOf(card)).toContain('Checkout is down')
  expect(slack.textOf(card)).toContain('Status: OPEN   Priority: P3')
  expect(slack.buttonsOf(card)[0]).toBe('Acknowledge')
  await slack.waitFor(() => slack.messages('C0INCIDENTS').length > 0, {
    what: 'the card in the incident channel',
  })

  // A viewer is refused, told why and who can; nothing changes.
  const refused = await slack.as('UVIC').click(card, 'Acknowledge')
  const refusal = slack.textOf(await slack.answerTo(refused))
  expect(refusal).toContain('was not acknowledged: that needs acknowledge')
  expect(refusal).toContain('Ida Torres')

  await slack.as('UIDA').click(card, 'Acknowledge')
  await slack.waitFor(() => slack.textOf(slack.messages('C0PAYMENTS')[0]!).includes('Status: IN_PROGRESS'), {
    what: 'the card to follow',
  })

  expect(await ask('UOLGA', 'priority INC-001 P1')).toContain('INC-001 is P1, set by Olga Brandt (was P3)')
  expect(await ask('UIVO', 'priority INC-001 P2')).toContain('that needs update_priority')
  expect(await ask('ULENA', 'assign INC-001 Ivo Lang')).toContain('INC-001 assigned to Ivo Lang by Lena Lead')
  expect(await ask('UIVO', 'note INC-001 failing over to the replica')).toContain('note by Ivo Lang')
  expect(await ask('UOLGA', 'impact INC-001 carts fail at payment')).toContain('business impact')
  expect(await ask('UIDA', 'services INC-001 add api-gateway, postgres')).toContain(
    'affects api-gateway, postgres',
  )

  const olga = await ask('UOLGA', 'show INC-001')
  expect(olga).toContain('carts fail at payment')
  expect(olga).toContain('Assignee Ivo Lang')
  const vic = await ask('UVIC', 'show INC-001')
  expect(vic).not.toContain('carts fail')
  expect(vic).toContain('view_business_impact')

  expect(await ask('UIDA', 'close INC-001')).toMatch(/cannot go from IN_PROGRESS to CLOSED.*RESOLVED/s)
  expect(await ask('UIVO', 'resolve INC-001')).toContain('INC-001 is RESOLVED')
  expect(await ask('UIDA', 'close INC-001')).toContain('INC-001 is CLOSED')

  const timeline = await ask('UVIC', 'timeline INC-001')
  for (const line of [
    'declared: Checkout is down',
    'acknowledged',
    'priority P1 (was P3)',
    'status CLOSED',
  ]) {
    expect(timeline).toContain(line)
  }
  expect(timeline).not.toContain('carts fail')
  await tocsin.settled()
  expect(slack.textOf(slack.messages('C0PAYMENTS')[0]!)).toContain('Status: CLOSED')
})

test('the same command delivered twice happens once', async () => {
  const { slack } = tocsin
  const first = await slack.as('UIDA').command('declare Twice sent', { channel: 'C0GENERAL' })
  await slack.client.post(first.raw)
  await tocsin.settled()
  const rows = await tocsin.sql(`select key from incidents where title = 'Twice sent'`)
  expect(rows).toHaveLength(1)
})
