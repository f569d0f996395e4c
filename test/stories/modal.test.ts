import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTocsin, type Tocsin } from '../support/app.ts'
import type { SlackView } from '../support/slack-state.ts'
import { voices } from './speak.ts'

let tocsin: Tocsin
beforeAll(async () => {
  tocsin = await startTocsin()
})
afterAll(() => tocsin.stop())
const { ask, card, heard, press, words } = voices(() => tocsin)

const labels = (view: SlackView) =>
  view.blocks.flatMap((block) => ('label' in block ? [block.label.text] : []))
const opened = (user: string) =>
  tocsin.slack.waitFor(() => tocsin.slack.modals(user)[0], { what: 'the dialog' })
const incidents = () =>
  tocsin.sql<{ key: string; title: string }>('select key, title from incidents order by number')

test('the bare command opens a dialog to declare; a priority is for those who may set it', async () => {
  const { slack } = tocsin
  await slack.as('UIDA').command('', { channel: 'C0PAYMENTS' })
  const idas = await opened('UIDA')
  expect(labels(idas)).toEqual(['Title', 'Description'])
  await slack.as('UOLGA').command('', { channel: 'C0GENERAL', command: '/inc' })
  expect(labels(await opened('UOLGA'))).toContain('Priority')

  const sent = await slack.as('UIDA').submit(idas, { Title: 'Checkout is down', Description: 'Since noon.' })
  expect(sent.status).toBe(200)
  expect(slack.modals('UIDA')).toEqual([])
  expect(words(await slack.answerTo(sent))).toContain('INC-001 declared by Ida Torres for payments')
  const shown = words(await card('INC-001', 'C0PAYMENTS'))
  expect(shown).toContain('Status: OPEN   Priority: P3')
  expect(shown).toContain('Since noon.')
})

test('the shortcut declares too, with a priority', async () => {
  const { slack } = tocsin
  await slack.as('UOLGA').shortcut('declare')
  const view = await slack.waitFor(() => slack.modals('UOLGA').at(-1))
  await slack.as('UOLGA').submit(view, { Title: 'Warehouse stands still', Priority: 'P2' })
  expect(words(await card('INC-002'))).toContain('Status: OPEN   Priority: P2')
})

test('what is wrong is said at its field, and the dialog stays open', async () => {
  const { slack } = tocsin
  await slack.as('UIDA').command('', { channel: 'C0GENERAL' })
  const view = await opened('UIDA')
  await slack.as('UIDA').submit(view, { Title: '   ' })
  expect(view.errors).toEqual({ title: expect.stringMatching(/title/i) })
  await slack.as('UIDA').submit(view, { Title: 'Third try' })
  expect(slack.modals('UIDA')).toEqual([])
  expect((await incidents()).map(({ title }) => title)).toEqual([
    'Checkout is down',
    'Warehouse stands still',
    'Third try',
  ])
})

test('the same dialog submitted twice declares once', async () => {
  const { slack } = tocsin
  await slack.as('UIDA').command('', { channel: 'C0GENERAL' })
  const sent = await slack.as('UIDA').submit(await opened('UIDA'), { Title: 'Sent twice' })
  await slack.client.post(sent.raw)
  await tocsin.settled()
  expect((await incidents()).filter(({ title }) => title === 'Sent twice')).toHaveLength(1)
})

test('whoever may not declare gets a menu in its place', async () => {
  const menu = await ask('UVIC', '')
  expect(menu).toContain('What would you like to do?')
  expect(menu).toContain('[Open incidents]')
  expect(menu).not.toContain('Declare')
})

test('Update changes status, priority and adds a note, each for those who may', async () => {
  const { slack } = tocsin
  await slack.as('UIDA').click(await card('INC-001'), 'Update')
  const idas = await opened('UIDA')
  expect(idas.title.text).toBe('Update INC-001')
  expect(labels(idas)).toEqual(['Status', 'Note'])
  const sent = await slack.as('UIDA').submit(idas, { Status: 'IN_PROGRESS', Note: 'on it' })
  const done = words(await slack.answerTo(sent))
  expect(done).toContain('INC-001 is IN_PROGRESS, set by Ida Torres (was OPEN)')
  expect(done).toContain('INC-001 has a note by Ida Torres')

  await slack.as('UMAYA').click(await card('INC-001'), 'Update')
  const mayas = await opened('UMAYA')
  expect(labels(mayas)).toEqual(['Status', 'Priority', 'Note'])
  await slack.as('UMAYA').submit(mayas, { Priority: 'P1' })
  await slack.waitFor(async () => words(await card('INC-001')).includes('Status: IN_PROGRESS   Priority: P1'))
})

test('a resolved incident is closed with a confirmation, or reopened with a reason', async () => {
  const { slack } = tocsin
  await ask('UIDA', 'resolve INC-001')
  await tocsin.settled()
  const resolved = await card('INC-001')
  expect(slack.buttonsOf(resolved)).toEqual(['Reopen', 'Timeline', 'Close'])
  expect(JSON.stringify(resolved.blocks)).toMatch(/"confirm":\{"title":\{[^}]*Close INC-001\?/)

  await slack.as('UIDA').click(resolved, 'Reopen')
  const view = await opened('UIDA')
  expect(labels(view)).toEqual(['Reason'])
  await slack.as('UIDA').submit(view, { Reason: 'it is back' })
  await heard({ channel: 'C0INCIDENTS' }, 'INC-001 is IN_PROGRESS, set by Ida Torres (was RESOLVED)')
  expect(await ask('UVIC', 'timeline INC-001')).toContain('status IN_PROGRESS (was RESOLVED): it is back')
})

test('a dialog of somebody who lost the right meanwhile does nothing', async () => {
  const { slack } = tocsin
  await tocsin.settled()
  await slack.as('UIDA').click(await card('INC-001'), 'Update')
  const view = await opened('UIDA')
  await tocsin.sql(`update people set rank = 'viewer', department = null where name = 'Ida Torres'`)
  await slack.as('UIDA').submit(view, { Status: 'RESOLVED' })
  expect(Object.values(view.errors ?? {}).join()).toContain(
    'INC-001 was not updated: that needs update_status.',
  )
  expect(await ask('UIDA', 'show INC-001')).toContain('Status: IN_PROGRESS')
  const refusal = await press('UVIC', await card('INC-001'), 'Update')
  expect(refusal).toContain('INC-001 was not updated: that needs update_status.')
  expect(refusal).toContain('Olga Brandt (OPS)')
})
