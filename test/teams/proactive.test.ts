/** What Tocsin says in Teams by itself, through the whole product. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ida, incidents, startTeamsWorld, vic, type World } from './world.ts'

let world: World
let teams: World['teams']
beforeAll(async () => {
  world = await startTeamsWorld()
  teams = world.teams
})
afterAll(() => world.close())

const general = '19:general@thread.tacv2'
const cardOf = (key: string) =>
  teams.waitFor(
    () =>
      teams
        .messages(incidents)
        .find((each) => teams.cardOf(each)?.refresh && teams.textOf(each).includes(key)),
    { what: `the card of ${key}` },
  )

test('an incident stands in the configured channel as one thread, what happens below it', async () => {
  await teams.answerTo(await teams.as(ida).say('declare Checkout is down'))
  const card = await cardOf('INC-001')
  expect(card.conversation).toBe(`${incidents};messageid=${card.id}`)
  const sent = await teams.as(ida).say('note INC-001 the replica is up')
  await teams.answerTo(sent)
  const note = await teams.waitFor(
    () => teams.messages(incidents).find((each) => teams.textOf(each).includes('the replica is up')),
    { what: 'the note' },
  )
  expect(note.conversation).toBe(card.conversation)
  await world.tocsin.settled()
  const roots = new Set(teams.messages(incidents).map((each) => each.conversation))
  expect([...roots]).toEqual([card.conversation])
})

test('its card offers views of their own to those who are on it, and each sees their own buttons', async () => {
  const card = await cardOf('INC-001')
  const { refresh } = teams.cardOf(card) as { refresh: { userIds: string[] } }
  expect(refresh.userIds).toEqual([`8:orgid:${ida}`])
  const view = await teams.as(ida).refresh(card)
  expect(view.body).toMatchObject({ type: 'application/vnd.microsoft.card.adaptive' })
  expect(teams.textOf(view.body as Record<string, unknown>)).toContain('INC-001')
})

test('a card that somebody deleted is posted anew', async () => {
  const old = await cardOf('INC-001')
  old.deleted = true
  await teams.answerTo(await teams.as(ida).say('acknowledge INC-001'))
  const anew = await cardOf('INC-001')
  expect(anew.id).not.toBe(old.id)
  expect(teams.textOf(anew)).toContain('Status: IN_PROGRESS')
})

test('a private answer in a channel goes to the personal chat, and the channel is told', async () => {
  await teams.answerTo(await teams.as(ida).say('declare --private Payroll was leaked'))
  const sent = await teams.as(ida).say('<at>Tocsin</at> show INC-002', { channel: general })
  await teams.waitFor(
    () =>
      teams.messages(general).find((each) => teams.textOf(each).includes('Answered Ida Torres privately.')),
    { what: 'the line in the channel' },
  )
  const given = await teams.waitFor(
    () => teams.direct(ida).find((each) => each.order > sent.order && teams.textOf(each).includes('Payroll')),
    { what: 'the answer' },
  )
  expect(teams.textOf(given)).toContain('Status: OPEN')
  await world.tocsin.settled()
  for (const place of [general, incidents])
    expect(teams.messages(place).map(teams.textOf).join('\n')).not.toMatch(/INC-002|Payroll/)
})

test('where the bot is not installed for the asker, the channel says how, and nothing of the answer', async () => {
  const nora = '40a00000-0000-4000-8000-000000000009'
  teams.addUser({ id: nora, name: 'Nora New', email: 'nora@example.com', reachable: false })
  const sent = await teams
    .as(nora)
    .say('<at>Tocsin</at> declare --private A laptop is lost', { channel: general })
  const told = await teams.answerTo(sent)
  expect(teams.textOf(told)).toBe(
    'Nora New, the answer is for you alone and could not be sent to you. Add the bot in Teams under Apps, then ask again.',
  )
  await world.tocsin.settled()
  const all = teams.messages(general).map(teams.textOf)
  expect(all.join('\n')).not.toMatch(/laptop|Answered Nora/)
  expect(all.filter((text) => text.includes('Nora New'))).toHaveLength(1)
})

test('a page by hand reaches somebody who has only spoken in a channel, in a chat made for it', async () => {
  await teams.answerTo(await teams.as(vic).say('<at>Tocsin</at> whoami', { channel: general }))
  expect(teams.direct(vic)).toEqual([])
  await teams.answerTo(await teams.as(ida).say('page Vic Viewer INC-001 please look'))
  const page = await teams.waitFor(
    () => teams.direct(vic).find((each) => teams.textOf(each).includes('INC-001')),
    { what: 'the page', timeoutMs: 10_000 },
  )
  expect(teams.buttonsOf(page)).toContain('Acknowledge')
  expect(page.activity.summary).toContain('INC-001')
})

test('where the bot was removed, the stored conversation is dropped', async () => {
  const rows = () =>
    world.tocsin.sql<{ conversation: string }>(
      `select conversation from conversation_references where user_id = '${vic}'`,
    )
  await teams.as(vic).say('whoami')
  await teams.waitFor(async () => (await rows()).length === 1, { what: 'the reference' })
  await teams.as(vic).install('remove')
  await teams.waitFor(async () => (await rows()).length === 0, { what: 'the reference to go' })
})
