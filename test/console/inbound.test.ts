import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { be, card, type OpenConsole, openConsole, post, toChannel, workspace } from './support.ts'

let open: OpenConsole
let ida: Awaited<ReturnType<typeof be>>
beforeAll(async () => {
  open = await openConsole()
  ida = await be(open.url, 'ida')
})
afterAll(() => open.close())

/** What the last stored payload is read as. */
const lastRead = () => open.adapter.read(workspace, JSON.parse(open.record.arrivals.at(-1)!.payload))

describe('what people type', () => {
  test.each([
    ['/incident declare Checkout is down', 'declare Checkout is down'],
    ['/inc ack', 'ack'],
    ['/incident', ''],
    ['/incident assign @ida, please', 'assign <@ida>, please'],
    ['/incident note mail ops@ida.example', 'note mail ops@ida.example'],
  ])('%s is a command, answered privately', async (typed, text) => {
    expect(await ida.say('general', typed)).toMatchObject({ status: 202 })
    expect(await lastRead()).toMatchObject({
      kind: 'command',
      user: 'ida',
      text,
      place: { channel: 'general', direct: false },
      reply: { type: 'ephemeral', channel: 'general', user: 'ida' },
      trigger: 'ida:p1',
    })
    const views = await (await be(open.url, 'finn')).messages('general')
    expect(views.map((view) => view.text)).not.toContain(typed)
  })

  test('a line to @Tocsin in a channel is a message, answered in its thread', async () => {
    const { body } = await ida.say('payments', '@Tocsin, who is on this, @finn?')
    const { message } = body as { message: string }
    expect(await lastRead()).toMatchObject({
      kind: 'message',
      text: 'who is on this, <@finn>?',
      message,
      place: { channel: 'payments', thread: undefined },
      reply: { type: 'channel', channel: 'payments', thread: message },
    })
    await ida.say('payments', '@tocsin and now?', { thread: message })
    expect(await lastRead()).toMatchObject({ place: { thread: message }, reply: { thread: message } })
  })

  test('in their own conversation every line is read, and answered there', async () => {
    await ida.say('direct:ida', 'what is open?')
    expect(await lastRead()).toMatchObject({
      kind: 'message',
      text: 'what is open?',
      place: { channel: 'direct:ida', direct: true },
      reply: { type: 'person', user: 'ida' },
    })
    await ida.say('direct:ida', '/incident list')
    expect(await lastRead()).toMatchObject({ kind: 'command', text: 'list', reply: { type: 'person' } })
  })

  test('what people say to each other is shown to all and not read', async () => {
    const before = open.record.arrivals.length
    await ida.say('general', 'coffee? Tocsin is not asked')
    expect(open.record.arrivals).toHaveLength(before)
    const views = await (await be(open.url, 'finn')).messages('general')
    expect(views.at(-1)).toMatchObject({ text: 'coffee? Tocsin is not asked', private: false })
    const payload = {
      type: 'message',
      user: 'ida',
      channel: 'general',
      text: 'coffee?',
      message: 'm',
      page: 'p',
    }
    expect(await open.adapter.read(workspace, payload)).toBeUndefined()
    expect(await open.adapter.read(workspace, { type: 'nonsense' })).toBeUndefined()
  })

  test('a button is an action on its message', async () => {
    const id = crypto.randomUUID()
    await open.deliver({ id, route: toChannel('general'), content: { type: 'card', card: card('INC-001') } })
    const action = { type: 'perform', operation: 'acknowledge', input: { incident: 'INC-001' }, asOf: 3 }
    const eventId = crypto.randomUUID()
    const press = { eventId, message: id, action, page: 'p1' }
    expect(await ida.send('/console/action', press)).toMatchObject({
      status: 202,
      body: { outcome: 'stored' },
    })
    expect(await ida.send('/console/action', press)).toMatchObject({ body: { outcome: 'duplicate' } })
    expect(await lastRead()).toMatchObject({
      kind: 'action',
      user: 'ida',
      action,
      message: { channel: 'general', message: id },
      reply: { type: 'ephemeral', user: 'ida' },
    })
  })

  test('a form is worked at once, and what is wrong is told at its field', async () => {
    const form = {
      channel: 'general',
      operation: 'declare',
      values: { title: 'x' },
      hidden: { from: 'menu' },
    }
    expect(await ida.send('/console/form', form)).toMatchObject({ status: 200, body: { ok: true } })
    expect(open.record.submissions.at(-1)).toMatchObject({
      user: 'ida',
      operation: 'declare',
      hidden: { from: 'menu' },
    })
    open.record.answer = { ok: false, errors: { title: 'Too short.' }, message: 'Nothing was declared.' }
    expect(await ida.send('/console/form', form)).toMatchObject({
      status: 422,
      body: { errors: { title: 'Too short.' } },
    })
  })

  test('the same event twice is one message', async () => {
    const eventId = crypto.randomUUID()
    await ida.say('general', 'only once', { eventId })
    await ida.say('general', 'only once', { eventId })
    const views = await ida.messages('general')
    expect(views.filter((view) => view.text === 'only once')).toHaveLength(1)
  })

  test('what cannot be stored is not done and not shown, and the answer says so', async () => {
    open.record.broken = true
    const refused = await ida.say('general', '@Tocsin lost?')
    open.record.broken = false
    expect(refused).toMatchObject({
      status: 503,
      body: { error: expect.stringContaining('Nothing was done') },
    })
    expect(JSON.stringify(refused.body)).not.toContain('10.0.0.1')
    expect((await ida.messages('general')).map((view) => view.text)).not.toContain('@Tocsin lost?')
  })
})

describe('bad input', () => {
  const eventId = crypto.randomUUID()
  const fine = { eventId, channel: 'general', text: 'hello', page: 'p1' }
  const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) })

  test.each<[string, unknown, number]>([
    ['no JSON', '{', 400],
    ['an array', '[]', 400],
    ['a word', '"hello"', 400],
    ['nothing', '', 400],
    ['65 KB', { ...fine, text: 'a'.repeat(66_000) }, 413],
    ['a text that is too long', { ...fine, text: 'a'.repeat(8_001) }, 400],
    ['a text of blanks', { ...fine, text: ' \n ' }, 400],
    ['a text of another type', { ...fine, text: 7 }, 400],
    ['no event id', { ...fine, eventId: undefined }, 400],
    ['an odd event id', { ...fine, eventId: '../../etc' }, 400],
    ['an unknown channel', { ...fine, channel: 'none' }, 404],
    ['an unknown thread', { ...fine, thread: 'none' }, 404],
    ['an unknown command', { ...fine, text: '/incidents list' }, 400],
    ['an unknown field', { ...fine, __proto__x: 1 }, 400],
  ])('%s is refused with a short reason', async (_what, body, status) => {
    const before = open.record.arrivals.length
    const answer = await post(open.url, '/console/message', body, { Cookie: ida.Cookie })
    expect(answer.status).toBe(status)
    expect((answer.body as { error: string }).error.length).toBeLessThan(200)
    expect(open.record.arrivals).toHaveLength(before)
  })

  test('deeply nested JSON and odd actions are refused', async () => {
    const id = crypto.randomUUID()
    await open.deliver({ id, route: toChannel('general'), content: { type: 'card', card: card('x') } })
    const press = (action: unknown) => ida.send('/console/action', { message: id, page: 'p1', action })
    const deep = `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`
    expect((await post(open.url, '/console/action', deep, { Cookie: ida.Cookie })).status).toBe(400)
    expect(await press({ type: 'perform', operation: 'x', input: nested(40) })).toMatchObject({ status: 400 })
    expect(await press({ type: 'perform', operation: 'x', input: {}, actor: 'olga' })).toMatchObject({
      status: 400,
    })
    expect(await press({ type: 'become', user: 'olga' })).toMatchObject({ status: 400 })
  })

  test('other types and encodings are refused', async () => {
    const send = (headers: Record<string, string>) =>
      post(open.url, '/console/message', JSON.stringify(fine), { Cookie: ida.Cookie, ...headers })
    expect(await send({ 'Content-Type': 'text/plain' })).toMatchObject({ status: 415 })
    expect(await send({ 'Content-Type': 'application/json; charset=utf-16' })).toMatchObject({ status: 400 })
    expect(await send({ 'Content-Type': 'application/json; charset=latin1' })).toMatchObject({ status: 415 })
    expect(await send({ 'Content-Encoding': 'gzip' })).toMatchObject({ status: 415 })
  })

  test('what Postgres cannot store is cleaned', async () => {
    await ida.say('general', '@Tocsin a\u0000b \ud800 c')
    expect(open.record.arrivals.at(-1)!.payload).not.toContain('\\u0000')
    expect(await lastRead()).toMatchObject({ text: 'ab \ufffd c' })
  })
})
