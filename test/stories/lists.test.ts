import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTocsin, type Tocsin } from '../support/app.ts'
import { voices } from './speak.ts'

let tocsin: Tocsin
beforeAll(async () => {
  tocsin = await startTocsin()
  await ask('UIDA', 'declare Checkout is down', 'C0PAYMENTS')
  await ask('UOLGA', 'declare Warehouse scanner fails')
  await ask('UIVO', 'declare Disk almost full')
  await ask('UOLGA', 'priority INC-002 P1')
})
afterAll(() => tocsin.stop())
const { ask, answer, card, heard, press, words } = voices(() => tocsin)

const keys = (text: string) => text.match(/INC-\d+(?= {2})/g) ?? []

test('list shows the open ones, the most urgent first', async () => {
  const shown = await ask('UVIC', 'list')
  expect(keys(shown)).toEqual(['INC-002', 'INC-003', 'INC-001'])
  expect(shown).toContain('Status: OPEN   Priority: P1 · nobody assigned')
})

test('filters: mine, priority, team, status', async () => {
  await ask('UIDA', 'take INC-001')
  expect(keys(await ask('UIDA', 'list mine'))).toEqual(['INC-001'])
  expect(keys(await ask('UVIC', 'list P1'))).toEqual(['INC-002'])
  expect(keys(await ask('UVIC', 'list team payments'))).toEqual(['INC-001'])
  expect(keys(await ask('UVIC', 'list open P3 team platform'))).toEqual(['INC-003'])
  await ask('UOLGA', 'resolve INC-002')
  expect(keys(await ask('UVIC', 'list resolved'))).toEqual(['INC-002'])
  expect(keys(await ask('UVIC', 'list'))).toEqual(['INC-003', 'INC-001'])
  await ask('UOLGA', 'close INC-002')
  expect(keys(await ask('UVIC', 'list closed'))).toEqual(['INC-002'])
  expect(keys(await ask('UVIC', 'list all'))).toEqual(['INC-003', 'INC-002', 'INC-001'])
})

test('what is empty says so, and what is unknown names what is known', async () => {
  expect(await ask('UVIC', 'list mine')).toContain('Your incidents: none')
  expect(await ask('UVIC', 'list cancelled')).toContain('Cancelled incidents: none')
  const unknown = await ask('UVIC', 'list team nobody')
  expect(unknown).toContain('There is no team nobody.')
  expect(unknown).toContain('Known: payments · platform')
})

test('search finds words of titles and descriptions, in closed ones too', async () => {
  expect(keys(await ask('UVIC', 'search scanner'))).toEqual(['INC-002'])
  expect(keys(await ask('UVIC', 'find checkout down'))).toEqual(['INC-001'])
  expect(await ask('UVIC', 'search unicorns')).toContain('Incidents with “unicorns”: none')
})

test('a status is said in people’s own words', async () => {
  const said: [string, string][] = [
    ['investigating', 'INC-003 is IN_PROGRESS, set by Ida Torres (was OPEN)'],
    ['triggered', 'INC-003 is OPEN, set by Ida Torres (was IN_PROGRESS)'],
    ['acknowledged', 'INC-003 is IN_PROGRESS'],
    ['fixed', 'INC-003 is RESOLVED'],
  ]
  for (const [word, answered] of said)
    expect(await ask('UIDA', `status INC-003 ${word}`), word).toContain(answered)
  expect(await ask('UIDA', 'status INC-003 in progress')).toContain('that needs a reason')
  expect(await ask('UIDA', 'status INC-003 sleeping')).toContain(
    'Nothing was done: status must be one of OPEN',
  )
  expect(await ask('UIDA', 'cancel INC-003')).toMatch(
    /cannot go from RESOLVED to CANCELLED. From RESOLVED it can go to CLOSED or IN_PROGRESS/,
  )
  await ask('UIDA', 'reopen INC-003 again')
})

test('a verb without a key asks which one, and a press on one does it', async () => {
  const picker = await answer('UIDA', 'note replica is back')
  expect(words(picker)).toContain('Which incident do you mean?')
  expect(words(picker)).toContain('INC-001  Checkout is down   Status: OPEN   Priority: P3')
  expect(words(picker)).toContain('Or name it: /incident note INC-003 [internal] <text>')
  expect(await press('UIDA', picker, 'INC-001')).toContain('INC-001 has a note by Ida Torres')
  expect(await ask('UVIC', 'show INC-001')).toContain('Ida Torres: replica is back')
})

test('with one that it can be, no key is needed; in its thread, neither', async () => {
  expect(await ask('UIDA', 'ack')).toContain('INC-001 acknowledged by Ida Torres')
  const root = await card('INC-003')
  await tocsin.slack
    .as('UIDA')
    .mention('note the disk is cleaned', { channel: 'C0INCIDENTS', thread: root.ts })
  const reply = await heard({ channel: 'C0INCIDENTS' }, 'INC-003 has a note by Ida Torres')
  expect(reply.thread_ts).toBe(root.ts)
})

test('assign takes a mention, a name, and the word "to"', async () => {
  await ask('UIDA', 'whoami')
  expect(await ask('UMAYA', 'assign INC-001 to Ivo Lang')).toContain(
    'INC-001 assigned to Ivo Lang by Maya Okafor',
  )
  expect(await ask('UMAYA', 'assign INC-001 <@UIDA>')).toContain(
    'INC-001 assigned to Ida Torres by Maya Okafor',
  )
  expect(await ask('UMAYA', 'assign INC-001 Nobody Atall')).toContain('Nobody Atall')
})

test('a verb that was begun says how it goes on, and changes nothing', async () => {
  expect(await ask('UOLGA', 'priority')).toContain(
    'Nothing was done. Write it like this: /incident priority INC-001 P1..P5',
  )
  expect(await ask('UIDA', 'declare')).toContain('/incident declare [--private] <title>')
  // A key alone is never taken for the words that are missing, and so for those of another incident.
  await ask('UIDA', 'resolve INC-003')
  expect(await ask('UIDA', 'reopen INC-001')).toContain(
    'Write it like this: /incident reopen INC-001 <reason>',
  )
  for (const verb of ['note', 'team', 'category', 'status', 'priority', 'assign'])
    expect(await ask('UMAYA', `${verb} INC-001`), verb).toContain(
      `Write it like this: /incident ${verb} INC-001`,
    )
  expect(await ask('UVIC', 'show INC-003')).toContain('Status: RESOLVED')
})

test('help shows a person what they may do, and explains one verb', async () => {
  const vics = await ask('UVIC', 'help')
  expect(vics).toContain('search <words>')
  expect(vics).not.toMatch(/\bpriority\b|\bpeople\b|\baudit\b|\bdeclare <|\btake\b/)
  expect(await ask('UOLGA', 'help')).toContain('priority P1..P5')
  expect(await ask('UADA', 'help')).toContain('audit verify')
  const one = await ask('UOLGA', 'help priority')
  expect(one).toContain('priority INC-001 P1..P5')
  expect(one).toContain('Also: severity, sev')
  expect(one).toContain('Needs update_priority.')
  expect(await ask('UVIC', 'help priority')).toContain('There is no verb priority that you may use.')
})
