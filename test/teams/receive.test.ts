import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ida, incidents, startTeamsWorld, type World } from './world.ts'

let world: World
let teams: World['teams']
let before = 0
beforeAll(async () => {
  world = await startTeamsWorld()
  teams = world.teams
})
beforeEach(async () => {
  before = await world.stored()
})
afterAll(() => world.close())

const declaredAs = (title: string) => world.tocsin.sql('select 1 from incidents where title = $1', [title])

test('A message that comes again is stored once and worked once', async () => {
  const sent = await teams.as(ida).say('declare Said once')
  const again = await Promise.all([teams.send(sent.activity), teams.send(sent.activity)])
  for (const { status } of again) expect(status).toBe(200)
  expect(await world.stored()).toBe(before + 1)
  await teams.answerTo(sent)
  expect(await declaredAs('Said once')).toHaveLength(1)
})

test('The same id in another conversation is another message', async () => {
  const sent = await teams.as(ida).say('list')
  const activity = teams.activityOf(
    ida,
    { group: '19:g@thread.v2' },
    {
      type: 'message',
      id: sent.activity.id,
      text: '<at>Tocsin</at> list',
      entities: [{ type: 'mention', text: '<at>Tocsin</at>', mentioned: { id: `28:${teams.appId}` } }],
    },
  )
  expect((await teams.send(activity)).status).toBe(200)
  expect(await world.stored()).toBe(before + 2)
})

test('What does not mention the bot in a channel is not stored', async () => {
  const sent = await teams
    .as(ida)
    .message({ text: 'declare Not for you' }, { channel: incidents, thread: '1' })
  expect(sent.status).toBe(200)
  expect(await world.stored()).toBe(before)
})

test('A message of 100 KB, with characters that Postgres cannot store, is taken', async () => {
  const text = `declare Long \u0000 \ud800 ${'word '.repeat(19_000)}`
  const sent = await teams.as(ida).say(text)
  expect(sent.status).toBe(200)
  expect(sent.ms).toBeLessThan(1000)
  expect(await world.stored()).toBe(before + 1)
  await teams.answerTo(sent)
})

test('Where the bot may speak is kept from an installation, and forgotten when it is removed', async () => {
  const place = { channel: '19:new@thread.tacv2' }
  const known = async () =>
    (
      await world.tocsin.sql(
        "select 1 from conversation_references where conversation = '19:new@thread.tacv2'",
      )
    ).length
  await teams.as(ida).install('add', place)
  expect(await known()).toBe(1)
  await teams.as(ida).membership({ removed: [teams.bot] }, place)
  expect(await known()).toBe(0)
  expect(await world.stored()).toBe(before)
})

test('More than anybody types is refused in words, and nothing is stored', async () => {
  const sent = await Promise.all(Array.from({ length: 80 }, () => teams.as(ida).say('help')))
  const statuses = new Set(sent.map(({ status }) => status))
  expect(statuses).toEqual(new Set([200, 429]))
  const taken = sent.filter(({ status }) => status === 200).length
  expect(taken).toBeGreaterThanOrEqual(30)
  expect(await world.stored()).toBe(before + taken)
})

test('When nothing can be stored, the answer is 503, so that it comes again', async () => {
  await world.tocsin.sql('alter table inbox rename to inbox_away')
  try {
    const sent = await teams.as('71c00000-0000-4000-8000-000000000002').say('declare Not stored')
    expect(sent.status).toBe(503)
    expect(String(sent.body)).toContain('Nothing was done')
  } finally {
    await world.tocsin.sql('alter table inbox_away rename to inbox')
  }
  expect(await declaredAs('Not stored')).toHaveLength(0)
})
