import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { SlackMessage } from '../support/slack-state.ts'
import { administrators, member } from './cast.ts'
import { openWorld, type World } from './world.ts'

vi.setConfig({ testTimeout: 60_000 })

/** Pat is a member of the workspace whom nobody has placed: their role is the administrator's to give and to take. */
let world: World
const pat = 'UPAT'
const reporter = member('none', 'user')
const lead = member('none', 'vp')
const patience = { timeoutMs: 20_000 }
const admin = administrators[0]!.user
beforeAll(async () => {
  world = await openWorld({ copies: 1, slots: 1, asking: [reporter, lead, ...administrators] })
  const { slack } = world.tocsin
  slack.addUser({ id: pat, name: 'Pat Plain', email: 'pat@elsewhere.example' })
  // The story is about authority: a slow machine is not to spoil it.
  slack.state.triggerMs = 60_000
  expect(await ask(pat, 'whoami')).toContain('You are Pat Plain')
}, 90_000)
afterAll(() => world.tocsin.stop())

const ask = async (user: string, text: string): Promise<string> => {
  const { slack } = world.tocsin
  const sent = await slack.as(user).command(text, { channel: 'C0TALK' })
  return slack.textOf(await slack.answerTo(sent, patience))
}
const press = async (user: string, card: SlackMessage, button: string): Promise<string> => {
  const { slack } = world.tocsin
  const sent = await slack.as(user).click(card, button)
  return slack.textOf(await slack.answerTo(sent, patience))
}
/** A new incident's card, in a channel of its own. */
const declared = async (title: string): Promise<{ card: SlackMessage; key: string }> => {
  const { slack } = world.tocsin
  const channel = `C0${title.replaceAll(' ', '').toUpperCase()}`
  await slack.as(reporter.user).command(`declare ${title}`, { channel })
  const isCard = (each: SlackMessage) =>
    slack.textOf(each).includes(title) && slack.buttonsOf(each).includes('Acknowledge')
  const card = await slack.waitFor(() => slack.messages(channel).find(isCard), patience)
  return { card, key: /INC-\d+/.exec(slack.textOf(card))![0] }
}
const incident = async (key: string) => {
  const [row] = await world.tocsin.sql<{ status: string; priority: string; assignee_id: string | null }>(
    'select status, priority, assignee_id from incidents where key = $1',
    [key],
  )
  return row!
}

test('somebody demoted between two clicks is refused the second', async () => {
  const { card, key } = await declared('Clicked twice')
  expect(await press(pat, card, 'Take')).toContain('needs assign_self')
  await ask(admin, `people rank <@${pat}> oncall_engineer`)
  expect(await press(pat, card, 'Take')).toContain(`${key} taken by Pat Plain`)
  await ask(admin, `people rank <@${pat}> viewer`)
  const refused = await press(pat, card, 'Acknowledge')
  expect(refused).toContain('needs acknowledge')
  expect(refused).not.toContain('Pat Plain (')
  expect((await incident(key)).status).toBe('OPEN')
  await ask(admin, `people rank <@${pat}> oncall_engineer`)
  expect(await press(pat, card, 'Acknowledge')).toContain(`${key} acknowledged by Pat Plain`)
})

test('a dialog opened before a demotion changes nothing after it', async () => {
  const { slack } = world.tocsin
  const { card, key } = await declared('Opened before')
  await ask(admin, `people department <@${pat}> OPS`)
  await slack.as(pat).click(card, 'Update')
  const dialog = await slack.waitFor(() => slack.modals(pat)[0], { what: 'the dialog' })
  await ask(admin, `people department <@${pat}> none`)
  await slack.as(pat).submit(dialog, { Priority: 'P1', Note: 'still me?' })
  expect(Object.values(dialog.errors ?? {}).join()).toContain('needs update_priority')
  expect((await incident(key)).priority).toBe('P3')
  expect(await world.tocsin.sql(`select from comments where body = 'still me?'`)).toEqual([])
  await ask(admin, `people department <@${pat}> OPS`)
  await slack.as(pat).submit(dialog, { Priority: 'P1', Note: 'still me?' })
  expect((await incident(key)).priority).toBe('P1')
})

test('whoever handed an incident over has no more of it than before', async () => {
  const { card, key } = await declared('Handed over')
  await ask(admin, `people department <@${pat}> none`)
  await ask(admin, `people rank <@${pat}> user`)
  expect(await ask(lead.user, `role ${key} commander <@${pat}>`)).toContain('Pat Plain')
  expect(await ask(pat, `assign ${key} <@${pat}>`)).toContain('assigned to Pat Plain')
  expect(await ask(pat, `handoff ${key} <@${lead.user}>`)).toContain('handed off to')
  expect(await ask(pat, `assign ${key} <@${pat}>`)).toContain('needs assign')
  expect(await press(pat, card, 'Resolve')).toContain('needs update_status')
  expect((await incident(key)).status).toBe('OPEN')
})

test('somebody deactivated between two clicks gets a polite word, and may again once they are active', async () => {
  const { card, key } = await declared('Gone and back')
  await ask(admin, `people rank <@${pat}> oncall_engineer`)
  expect(await ask(admin, `people deactivate <@${pat}>`)).toContain('deactivated')
  expect(await press(pat, card, 'Acknowledge')).toMatch(/access here has ended/)
  expect((await incident(key)).status).toBe('OPEN')
  await ask(admin, `people activate <@${pat}>`)
  expect(await press(pat, card, 'Acknowledge')).toContain(`${key} acknowledged by Pat Plain`)
})

test('an administrator who lost the mark gives no roles any more', async () => {
  const second = administrators[1]!
  expect(await ask(admin, `people admin <@${pat}> on`)).toContain('administrator')
  expect(await ask(pat, `people rank <@${pat}> cto`)).toContain('cto')
  await ask(second.user, `people admin <@${pat}> off`)
  await ask(second.user, `people rank <@${pat}> user`)
  expect(await ask(pat, `people rank <@${pat}> cto`)).toContain('needs manage_people')
  const [row] = await world.tocsin.sql<{ rank: string }>(`select rank from people where name = 'Pat Plain'`)
  expect(row!.rank).toBe('user')
})
