/** What a reader may not learn, and what nobody may lose, through the whole product. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTocsin, type Tocsin } from '../support/app.ts'

let tocsin: Tocsin
beforeAll(async () => {
  tocsin = await startTocsin()
})
afterAll(() => tocsin.stop())

const ask = async (user: string, text: string, channel = 'C0GENERAL') => {
  const sent = await tocsin.slack.as(user).command(text, { channel })
  return tocsin.slack.textOf(await tocsin.slack.answerTo(sent))
}
const keyOf = (answer: string) => /INC-\d+/.exec(answer)![0]
const declare = async (user: string, title: string, channel?: string) =>
  keyOf(await ask(user, `declare ${title}`, channel))

test('the card’s last line holds nothing that its reader may not see', async () => {
  const { slack } = tocsin
  const key = await declare('UIDA', 'Checkout is down', 'C0PAYMENTS')
  await ask('UOLGA', `priority ${key} P2`)
  await ask('UIDA', `note ${key} internal QINTERNALQ the vendor`)
  await ask('UOLGA', `impact ${key} QIMPACTQ carts fail`)
  await tocsin.settled()
  const vics = await ask('UVIC', `show ${key}`)
  expect(vics).not.toMatch(/QINTERNALQ|QIMPACTQ/)
  expect(vics).toContain('priority P2')
  const cards = slack.messages('C0PAYMENTS').map((message) => slack.textOf(message))
  expect(cards.join('\n')).toContain(key)
  expect(cards.join('\n')).not.toMatch(/QINTERNALQ|QIMPACTQ/)
})

test('whoever declares a private incident gets its key, and finds it again', async () => {
  const answer = await ask('UIVO', 'declare --private Payroll leaked')
  expect(answer).toMatch(/INC-\d+ declared by Ivo Lang/)
  expect(await ask('UIVO', 'list')).toContain('Payroll leaked')
  expect(await ask('UIVO', 'search payroll')).toContain(keyOf(answer))
  for (const text of ['list', 'search payroll', `show ${keyOf(answer)}`])
    expect(await ask('UOLGA', text)).not.toMatch(/Payroll leaked|access_private/)
})

test('a public incident is not merged into a private one, which everybody would then know of', async () => {
  const open = await declare('UIDA', 'Strange payments')
  const secret = await declare('UVERA', '--private Fraud by an employee')
  expect(await ask('UVERA', `merge ${open} ${secret}`)).toContain('was not merged')
  expect(await ask('UVIC', `show ${open}`)).toContain('Status: OPEN')
  expect(await ask('UVIC', `timeline ${open}`)).not.toContain(secret)
})

test('an incident is not merged into itself by another spelling of its key', async () => {
  const key = await declare('UIDA', 'Only one of it')
  await ask('UIDA', `ack ${key}`)
  const short = key.replace(/-0+/, '-')
  expect(await ask('UIDA', `merge ${key} ${short}`)).toContain('cannot be merged into itself')
  expect(await ask('UIDA', `show ${key}`)).toContain('Status: IN_PROGRESS')
})

test('command that goes along with a hand-off stands in the audit log, also where the assignee stays', async () => {
  const key = await declare('UIDA', 'Led by Lena', 'C0PAYMENTS')
  await ask('ULENA', `role ${key} commander Lena Lead`)
  await ask('ULENA', `assign ${key} Ivo Lang`)
  expect(await ask('ULENA', `handoff ${key} Ivo Lang`)).toContain('handed off to Ivo Lang')
  const rows = await tocsin.sql<{ new: { roles?: string[] } }>(
    `select a.new from audit a join incidents i on i.id = a.incident_id
     where i.key = $1 and a.operation = 'hand_off'`,
    [key],
  )
  expect(rows).toMatchObject([{ new: { assignee: 'Ivo Lang', roles: ['commander'] } }])
  expect(await ask('UVIC', `show ${key}`)).toContain('Commander Ivo Lang')
})

test('a dialog that was refused can be put right and sent again', async () => {
  const { slack } = tocsin
  await slack.as('UIDA').command('', { channel: 'C0PAYMENTS' })
  const view = await slack.waitFor(() => slack.modals('UIDA')[0])
  const first = await slack.as('UIDA').submit(view, { Title: '   ' })
  expect(JSON.stringify(first.body)).toContain('must not be empty')
  const second = await slack.as('UIDA').submit(view, { Title: 'Put right at last' })
  expect(second.body).toEqual({ response_action: 'clear' })
  // And sent a third time, it is done once.
  await slack.client.post(second.raw)
  const rows = await tocsin.sql(`select key from incidents where title = 'Put right at last'`)
  expect(rows).toHaveLength(1)
})

test('a dialog takes what Postgres cannot store', async () => {
  const { slack } = tocsin
  await slack.as('UIDA').command('', { channel: 'C0PAYMENTS' })
  const view = await slack.waitFor(() => slack.modals('UIDA').at(-1))
  const sent = await slack.as('UIDA').submit(view, { Title: 'A NUL \u0000 and half \ud83d a pair' })
  expect(sent.body).toEqual({ response_action: 'clear' })
  const key = await declare('UOLGA', 'To be updated')
  const card = await slack.answerTo(await slack.as('UOLGA').command(`show ${key}`, { channel: 'C0ROOM' }))
  await slack.as('UOLGA').click(card, 'Update')
  const update = await slack.waitFor(() => slack.modals('UOLGA').at(-1))
  // The note is the reason too, of which 500 characters are kept: here they end in the middle of a pair.
  const note = `${'n'.repeat(499)}🔥 and more`
  const updated = await slack.as('UOLGA').submit(update, { status: 'IN_PROGRESS', note })
  expect(updated.body).toEqual({ response_action: 'clear' })
})

test('an answer is shared once, and without its buttons', async () => {
  const { slack } = tocsin
  const key = await declare('UIDA', 'To be shared')
  await ask('UOLGA', `impact ${key} carts fail`)
  const sent = await slack.as('UOLGA').command(`show ${key}`, { channel: 'C0ROOM' })
  const answer = await slack.answerTo(sent)
  await slack.answerTo(await slack.as('UOLGA').click(answer, 'Share here'))
  const again = await slack.as('UOLGA').click(answer, 'Share here')
  expect(slack.textOf(await slack.answerTo(again))).toContain('shared already')
  await slack.waitFor(() => slack.messages('C0ROOM').length > 0)
  const shared = slack.messages('C0ROOM')
  expect(shared).toHaveLength(1)
  expect(slack.textOf(shared[0]!)).toContain('carts fail')
  expect(slack.buttonsOf(shared[0]!)).toEqual([])
})

test('the buttons that a mention brings stand before the asker alone, and say what they do', async () => {
  const { slack } = tocsin
  await declare('UIDA', 'One of several')
  const said = await slack.as('UPAT').mention('note: I hereby resign', { channel: 'C0ROOM2' })
  expect(said.status).toBe(200)
  const mine = await slack.waitFor(() => slack.ephemerals('UPAT').at(-1))
  const seen = slack.messages('C0ROOM2').flatMap((message) => slack.buttonsOf(message))
  expect(seen).toEqual([])
  expect(slack.textOf(mine)).toContain('I hereby resign')
  expect(slack.buttonsOf(mine).some((text) => text.startsWith('Add note INC-'))).toBe(true)
})
