import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Climb, startClimb } from './support.ts'

let tocsin: Climb
beforeAll(async () => {
  tocsin = await startClimb()
})
afterAll(() => tocsin.stop())

test('an incident that nobody acknowledges climbs from the on-call engineer to the lead to the manager, and stops at the click', async () => {
  const { slack, ask, heard, words, advance, told } = tocsin
  expect(await ask('UOLGA', 'declare Checkout is down', 'C0PAYMENTS')).toContain(
    'INC-001 declared by Olga Brandt',
  )

  const ida = await heard({ direct: 'UIDA' }, 'INC-001 needs you: Checkout is down (P3)')
  expect(words(ida)).toContain('You are on call for payments-primary. Step 1 of 3. Next: Lena Lead at')
  expect(slack.buttonsOf(ida)).toEqual(['Acknowledge', 'Escalate now', 'Open INC-001'])
  await heard({ channel: 'C0PAYMENTS' }, 'INC-001 pages Ida Torres (step 1 of 3)')
  expect(told('ULENA')).not.toContain('needs you')

  await advance('5 minutes')
  const lena = await heard({ direct: 'ULENA' }, 'INC-001 needs you')
  expect(words(lena)).toContain('You are a team lead of payments.')
  expect(words(lena)).toContain('Ida Torres did not answer in 5 min.')
  expect(told('UMAYA')).not.toContain('needs you')

  await advance('5 minutes')
  await heard({ direct: 'UMAYA' }, 'INC-001 needs you')
  const war = await heard({ channel: 'C0WAR' }, 'INC-001 needs you')
  for (const user of ['UIDA', 'UMAYA']) {
    expect(JSON.stringify(war.blocks)).toContain(`{"type":"user","user_id":"${user}"}`)
  }
  expect(slack.buttonsOf(war)).toContain('Acknowledge')

  await slack.as('ULENA').click(lena, 'Acknowledge')
  await heard({ direct: 'ULENA' }, /Acknowledged by Lena Lead at .* after the page/)
  await heard({ channel: 'C0WAR' }, 'Acknowledged by Lena Lead')
  await tocsin.settled()
  for (const user of ['UIDA', 'ULENA', 'UMAYA']) {
    const pages = slack.direct(user).filter((message) => words(message).includes('INC-001 needs you'))
    for (const page of pages) expect(slack.buttonsOf(page)).toEqual([])
  }
  const before = slack.direct('UIDA').length
  await advance('20 minutes')
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect(slack.direct('UIDA')).toHaveLength(before)

  const timeline = await ask('UIDA', 'timeline INC-001')
  expect(timeline).toContain('paged Ida Torres (step 1 of 3 of the policy payments)')
  expect(timeline).toContain('paged Lena Lead (step 2 of 3 of the policy payments)')
  expect(timeline).toContain('acknowledged')
})

test('an acknowledged incident on which nothing happens escalates again', async () => {
  const { ask, heard, advance, card } = tocsin
  await advance('11 minutes')
  await heard(
    { channel: 'C0PAYMENTS' },
    'INC-001 escalates again: it was acknowledged, and nothing has happened',
  )
  const shown = await card('INC-001', 'C0PAYMENTS')
  await tocsin.slack.waitFor(() => tocsin.slack.buttonsOf(shown).includes('Acknowledge'))
  expect(await ask('UIDA', 'ack INC-001')).toContain('INC-001 acknowledged by Ida Torres')
  // Work on it keeps it quiet.
  await advance('25 minutes')
  expect(await ask('UIDA', 'note INC-001 failing over')).toContain('note by Ida Torres')
  await advance('25 minutes')
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect(await ask('UIDA', 'resolve INC-001')).toContain('INC-001 is RESOLVED')
  expect((await ask('UIDA', 'timeline INC-001')).match(/paging starts again/g)).toHaveLength(1)
})

test('two rounds without an answer are told where the policy says', async () => {
  const { ask, heard, advance, everybody, sql } = tocsin
  expect(await ask('UOLGA', 'declare Nobody home', 'C0PAYMENTS')).toContain('INC-002')
  for (let minutes = 0; minutes < 30; minutes += 5) {
    await advance('5 minutes')
    await new Promise((resolve) => setTimeout(resolve, 1_200))
  }
  await heard({ direct: 'UMAYA' }, /Step 3 of 3, round 2\. .*Next: a channel at/)
  await heard(
    { channel: 'C0INCIDENTS' },
    /Nobody answered in 2 rounds\. Paging has stopped\.\n\[Acknowledge\]/,
  )
  expect(everybody('C0INCIDENTS')).toContain('INC-002 needs you: Nobody home')
  const [row] = await sql<{ state: string; pages: number }>(`select e.state, (select count(*) from pages p
    where p.escalation_id = e.id)::int as pages from escalations e join incidents i on i.id = e.incident_id
    where i.number = 2`)
  expect(row).toEqual({ state: 'exhausted', pages: 7 })
  expect(await ask('UIDA', 'escalate INC-002 still nobody')).toContain('INC-002 escalated to Ida Torres')
})

test('a snooze keeps the time that was left', async () => {
  const { ask, heard, advance, told } = tocsin
  expect(await ask('UOLGA', 'declare Slow search', 'C0PAYMENTS')).toContain('INC-003')
  await heard({ direct: 'UIDA' }, 'INC-003 needs you')
  await advance('2 minutes')
  expect(await ask('UIDA', 'snooze INC-003 30m')).toContain('INC-003 snoozed for 30 min by Ida Torres')
  await advance('29 minutes')
  await new Promise((resolve) => setTimeout(resolve, 1_200))
  await advance('1 minute')
  await new Promise((resolve) => setTimeout(resolve, 1_200))
  await advance('2 minutes')
  await new Promise((resolve) => setTimeout(resolve, 1_200))
  expect(told('ULENA')).not.toContain('INC-003 needs you')
  await advance('1 minute')
  await heard({ direct: 'ULENA' }, 'INC-003 needs you')
  expect(await ask('UIDA', 'ack INC-003')).toContain('acknowledged')
  expect(await ask('UIDA', 'snooze INC-003 1h')).toContain('nobody is being paged for it')
})

test('escalating by hand pages the next people at once, and a second click on the same card does nothing', async () => {
  const { slack, ask, heard, press, told } = tocsin
  expect(await ask('UOLGA', 'declare Payments fail', 'C0PAYMENTS')).toContain('INC-004')
  const page = await heard({ direct: 'UIDA' }, 'INC-004 needs you')
  expect(await press('UIDA', page, 'Escalate now')).toContain(
    'INC-004 escalated to Lena Lead by Ida Torres (step 2 of 3)',
  )
  await heard({ direct: 'ULENA' }, 'INC-004 needs you')
  expect(await press('UIDA', page, 'Escalate now')).toContain('INC-004 was already escalated by Ida Torres')
  await tocsin.settled()
  expect(told('UMAYA')).not.toContain('INC-004')
  expect(slack.direct('ULENA').filter((m) => JSON.stringify(m).includes('INC-004 needs you'))).toHaveLength(1)
})

test('a page that stands shows the new priority, and its buttons go on', async () => {
  const { slack, ask, heard, words } = tocsin
  expect(await ask('UOLGA', 'declare Carts fail', 'C0PAYMENTS')).toContain('INC-005')
  const page = await heard({ direct: 'UIDA' }, 'INC-005 needs you: Carts fail (P3)')
  expect(await ask('UOLGA', 'priority INC-005 P1')).toContain('INC-005 is P1')
  await slack.waitFor(() => words(page).includes('INC-005 needs you: Carts fail (P1)'), {
    what: 'the priority',
  })
  expect(slack.buttonsOf(page)).toContain('Acknowledge')
  await slack.as('UIDA').click(page, 'Acknowledge')
  await slack.waitFor(() => slack.buttonsOf(page).length === 0, { what: 'the page to say who has it' })
})
