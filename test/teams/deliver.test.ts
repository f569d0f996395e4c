import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Outgoing, Receipt, Route } from '../../src/ports/platform.ts'
import type { TeamsFault } from '../support/teams-stand-in.ts'
import { card, channel, groupChat, startOutgoing } from './outgoing.ts'

let out: Awaited<ReturnType<typeof startOutgoing>>
beforeAll(async () => {
  out = await startOutgoing()
  await out.heard(channel)
})
afterAll(() => out.close())
afterEach(() => out.teams.heal())

const inChannel = (thread?: string): Route => ({ type: 'channel', channel, thread })
const receiptOf = (result: unknown) => (result as { receipt: Receipt }).receipt
const texts = (conversation: string) => out.teams.messages(conversation).map(out.teams.textOf)

describe('a message arrives', () => {
  test('in a channel as a thread of its own, and in that thread', async () => {
    const first = await out.say(inChannel(), 'INC-001 Checkout is down')
    const root = receiptOf(first)
    expect(root).toEqual({ channel, message: expect.stringMatching(/^\d+$/) })
    const second = await out.say(inChannel(root.message), 'acknowledged')
    expect(receiptOf(second)).toMatchObject({ channel, thread: root.message })
    const [posted, replied] = out.teams.messages(channel).slice(-2)
    expect(posted).toMatchObject({ conversation: `${channel};messageid=${root.message}`, id: root.message })
    expect(replied?.conversation).toBe(`${channel};messageid=${root.message}`)
    expect(posted?.activity).toMatchObject({ type: 'message', summary: 'INC-001 Checkout is down' })
    expect(out.teams.calls('create').at(-1)?.body).toMatchObject({
      isGroup: true,
      tenantId: out.teams.tenant,
      channelData: { channel: { id: channel } },
    })
  })

  test('in a group chat, which has no threads', async () => {
    await out.heard(groupChat)
    const result = await out.say({ type: 'channel', channel: groupChat, thread: '17' }, 'to the war room')
    expect(result).toMatchObject({ ok: true })
    expect(out.teams.messages(groupChat).map((each) => each.conversation)).toEqual([groupChat])
  })

  test('in the personal chat that is known, without making it anew', async () => {
    await out.heard(out.teams.directOf('aad-ida'))
    const before = out.teams.calls('create').length
    expect(await out.say({ type: 'person', user: 'aad-ida' }, 'to Ida')).toMatchObject({
      ok: true,
      receipt: { channel: out.teams.directOf('aad-ida') },
    })
    expect(out.teams.calls('create').length).toBe(before)
    expect(out.teams.direct('aad-ida').map(out.teams.textOf)).toContain('to Ida')
  })

  test('for somebody who has never talked to the bot: the chat is made once and kept', async () => {
    const before = out.teams.calls('create').length
    await out.say({ type: 'person', user: 'aad-ivo' }, 'first')
    await out.say({ type: 'person', user: 'aad-ivo' }, 'second')
    expect(
      out.teams
        .calls('create')
        .slice(before)
        .map((call) => call.body),
    ).toEqual([
      {
        isGroup: false,
        bot: { id: out.teams.bot },
        members: [{ id: 'aad-ivo' }],
        tenantId: out.teams.tenant,
        channelData: { tenant: { id: out.teams.tenant } },
      },
    ])
    expect(out.teams.direct('aad-ivo').map(out.teams.textOf)).toEqual(['first', 'second'])
    expect(await out.references.findPersonal(out.workspace, 'aad-ivo')).toMatchObject({
      conversation: out.teams.directOf('aad-ivo'),
    })
  })

  test('in a configured channel that nobody has spoken in, of a tenant that was never heard of', async () => {
    const fresh = await startOutgoing()
    try {
      expect(await fresh.say(inChannel(), 'the first word')).toMatchObject({ ok: true })
      expect(fresh.teams.calls('create').at(-1)?.path).toBe('/teams/v3/conversations')
    } finally {
      await fresh.close()
    }
  })

  test('at the address that the conversation named last, also where it goes back to an earlier one', async () => {
    const conversation = '19:moving@thread.tacv2'
    const { url } = out.teams
    for (const region of ['emea', 'uk', 'emea']) {
      const serviceUrl = `${url}/${region}/`
      await out.places.remember(out.workspace, { conversation, type: 'channel', serviceUrl })
      await out.say({ type: 'channel', channel: conversation, thread: '1' }, region)
      expect(out.teams.calls('send').at(-1)?.path).toMatch(new RegExp(`^/${region}/v3/`))
    }
  })

  test('changed in place; a deleted one is named as gone', async () => {
    const receipt = receiptOf(await out.say(inChannel(), 'before'))
    const update = (message: Receipt) =>
      out.deliver(inChannel(), { type: 'update', message, card: card('after') })
    expect(await update(receipt)).toEqual({ ok: true, receipt })
    expect(texts(channel)).toContain('after')
    expect(texts(channel)).not.toContain('before')
    expect(await update({ channel, message: '404' })).toMatchObject({ retry: false, gone: 'message' })
  })

  test('as plain words where Teams refuses the card, without markup or a mention', async () => {
    out.teams.fail('create', { type: 'status', status: 400, code: 'BadSyntax' })
    expect(await out.say(inChannel(), 'a page for <at>everyone</at> **now**')).toMatchObject({ ok: true })
    const last = out.teams.messages(channel).at(-1)!
    expect(last.activity).toMatchObject({ textFormat: 'plain' })
    expect(last.activity.text).toContain('a page for')
    expect(last.activity.text).not.toContain('<at>')
    expect(last.activity.attachments).toBeUndefined()
  })
})

describe('what is for one reader', () => {
  const asked = (user: string): Route => ({ type: 'ephemeral', channel, user, thread: '900' })

  test('goes to their personal chat, and the channel is told in one line', async () => {
    expect(await out.say(asked('aad-ida'), 'the cost is 8,400 USD')).toMatchObject({ ok: true })
    expect(out.teams.direct('aad-ida').map(out.teams.textOf).at(-1)).toBe('the cost is 8,400 USD')
    const told = out.teams.messages(channel).at(-1)!
    expect(out.teams.textOf(told)).toBe('Answered Ida Torres privately.')
    expect(told.conversation).toBe(`${channel};messageid=900`)
    expect(texts(channel).join('\n')).not.toContain('8,400')
  })

  test('stays in the personal chat that it was asked in', async () => {
    await out.heard(out.teams.directOf('aad-ida'))
    const before = out.teams.messages(channel).length
    const route: Route = { type: 'ephemeral', channel: out.teams.directOf('aad-ida'), user: 'aad-ida' }
    await out.say(route, 'only here')
    expect(out.teams.direct('aad-ida').map(out.teams.textOf).at(-1)).toBe('only here')
    expect(out.teams.messages(channel)).toHaveLength(before)
  })

  test('says in the channel how, where the bot is not installed for them, and nothing of the answer', async () => {
    expect(await out.say(asked('aad-new'), 'a secret figure')).toMatchObject({
      retry: false,
      gone: 'channel',
      reason: expect.stringContaining('Apps'),
    })
    const told = out.teams.textOf(out.teams.messages(channel).at(-1)!)
    expect(told).toContain('Nora New')
    expect(told).toContain('under Apps')
    expect(texts(channel).join('\n')).not.toContain('secret figure')
  })

  test('is not lost where the channel cannot be told', async () => {
    await out.heard(out.teams.directOf('aad-ida'))
    const before = out.teams.messages(channel).length
    // Without a thread the line is a new one.
    out.teams.fail('create', { type: 'status', status: 403, code: 'BotNotInConversationRoster' })
    const route: Route = { type: 'ephemeral', channel, user: 'aad-ida' }
    expect(await out.say(route, 'still arrives')).toMatchObject({ ok: true })
    expect(out.teams.direct('aad-ida').map(out.teams.textOf).at(-1)).toBe('still arrives')
    expect(out.teams.messages(channel)).toHaveLength(before)
  })
})

test('a personal chat that is gone is made anew, once', async () => {
  await out.heard(out.teams.directOf('aad-ida'))
  out.teams.fail('send', { type: 'status', status: 404, code: 'ConversationNotFound' })
  const before = out.teams.calls('create').length
  expect(await out.say({ type: 'person', user: 'aad-ida' }, 'again')).toMatchObject({ ok: true })
  expect(out.teams.calls('create').length).toBe(before + 1)
})

test('a form becomes a card whose button opens the dialog', async () => {
  const form = {
    operation: 'update_incident',
    title: 'Update INC-001',
    submit: 'Update',
    fields: [{ name: 'title', label: 'Title', type: 'text' as const }],
    hidden: { incident: 'INC-001' },
  }
  const content: Outgoing['content'] = { type: 'form', trigger: 'none', form }
  expect(await out.deliver({ type: 'person', user: 'aad-ida' }, content)).toMatchObject({ ok: true })
  const posted = out.teams.direct('aad-ida').at(-1)!
  expect(out.teams.buttonsOf(posted)).toEqual(['Open the form'])
  expect(out.teams.cardOf(posted)?.actions).toMatchObject([
    {
      type: 'Action.Submit',
      data: {
        msteams: { type: 'task/fetch' },
        action: { type: 'form', form: 'update_incident', values: { incident: 'INC-001' } },
      },
    },
  ])
})

describe('what goes wrong is told apart', () => {
  const status = (code: number, name?: string, retryAfter?: number): TeamsFault => ({
    type: 'status',
    status: code,
    code: name,
    retryAfter,
  })
  const cases: [string, TeamsFault, Record<string, unknown>][] = [
    ['a rate limit', status(429, 'Throttled', 7), { retry: true, afterMs: 7000, throttled: true }],
    ['a rate limit without a time', status(429), { retry: true, throttled: true }],
    ['work under way at the same time', status(412, 'PreconditionFailed'), { retry: true }],
    ['a server error', status(500), { retry: true, uncertain: true }],
    ['a bad gateway', status(502), { retry: true, uncertain: true }],
    ['an overload that names a time', status(503, 'ServiceError', 3), { retry: true, afterMs: 3000 }],
    ['a gateway timeout', status(504), { retry: true, uncertain: true }],
    ['an answer that breaks off', { type: 'cut', taken: true }, { retry: true, uncertain: true }],
    ['a blocked bot', status(403, 'MessageWritesBlocked'), { retry: false }],
    ['a disabled bot', status(403, 'BotDisabledByAdmin'), { retry: false }],
    [
      'a private channel without the bot',
      status(403, 'BotNotInConversationRoster'),
      { retry: false, gone: 'channel', reason: expect.stringContaining('add it to the team') },
    ],
    ['no such conversation', status(404, 'ConversationNotFound'), { retry: false, gone: 'channel' }],
    [
      'a code that is new',
      status(403, 'NovelCode'),
      { retry: false, reason: expect.stringContaining('NovelCode') },
    ],
    ['a refusal without a code', status(404, ''), { retry: false, gone: 'channel' }],
  ]
  test.each(cases)('%s', async (_what, fault, result) => {
    out.teams.fail('send', fault)
    expect(await out.say(inChannel('1'), 'x')).toMatchObject({ ok: false, ...result })
  })

  test('a throttled or conflicting call has certainly not arrived', async () => {
    for (const fault of [status(429), status(412)]) {
      out.teams.fail('send', fault)
      expect(await out.say(inChannel('1'), 'x')).not.toHaveProperty('uncertain')
    }
  })

  test('a call that hangs is given up when the delivery is, as uncertain', async () => {
    out.teams.fail('send', { type: 'hang' })
    const started = Date.now()
    expect(await out.say(inChannel('1'), 'x', {}, AbortSignal.timeout(100))).toMatchObject({
      retry: true,
      uncertain: true,
    })
    expect(Date.now() - started).toBeLessThan(1000)
  })

  test('a service that nobody can reach has certainly not taken it', async () => {
    const conversation = '19:down@thread.tacv2'
    // A port that was just given back.
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
    await new Promise((done) => server.close(done))
    const { places, platform } = out.start({ serviceHosts: [host] })
    const serviceUrl = `http://${host}/`
    await places.remember(out.workspace, { conversation, type: 'channel', serviceUrl })
    const result = await out.deliver(
      { type: 'channel', channel: conversation },
      { type: 'card', card: card('x') },
      {},
      AbortSignal.timeout(5000),
      platform,
    )
    expect(result).toMatchObject({ retry: true, reason: expect.stringContaining('could not be reached') })
    expect(result).not.toHaveProperty('uncertain')
  })

  test('a service url that the operator does not allow gets no token', async () => {
    const conversation = '19:elsewhere@thread.tacv2'
    for (const serviceUrl of ['https://evil.example/', `http://x@${out.teams.host}/`, 'file:///etc/passwd']) {
      await out.places.remember(out.workspace, { conversation, type: 'channel', serviceUrl })
      expect(await out.say({ type: 'channel', channel: conversation }, 'x')).toMatchObject({
        retry: false,
        reason: expect.stringContaining('TEAMS_SERVICE_HOSTS'),
      })
    }
  })
})

describe('the token', () => {
  const quick = { type: 'channel', channel, thread: '2' } as const
  const sending = (by: ReturnType<typeof out.start>, text: string) =>
    out.deliver(quick, { type: 'card', card: card(text) }, {}, AbortSignal.timeout(5000), by.platform)

  test('is fetched once however many deliveries want it, and kept', async () => {
    const fresh = out.start()
    const before = out.teams.calls('token').length
    const results = await Promise.all(Array.from({ length: 20 }, (_, n) => sending(fresh, `storm ${n}`)))
    expect(results.every((result) => result.ok)).toBe(true)
    await sending(fresh, 'later')
    const asked = out.teams.calls('token').slice(before)
    expect(asked).toHaveLength(1)
    expect(asked[0]).toMatchObject({
      path: `/login/${out.teams.tenant}/oauth2/v2.0/token`,
      body: { grant_type: 'client_credentials', scope: 'https://api.botframework.com/.default' },
    })
  })

  test('that the service refuses is replaced, and the message sent once more', async () => {
    const fresh = out.start()
    await sending(fresh, 'warm')
    const before = out.teams.calls('token').length
    out.teams.fail('send', { type: 'status', status: 401, code: 'Unauthorized' })
    expect(await sending(fresh, 'with a new one')).toMatchObject({ ok: true })
    expect(out.teams.calls('token').length).toBe(before + 1)
    out.teams.fail('send', { type: 'status', status: 401, code: 'Unauthorized' }, 2)
    expect(await sending(fresh, 'never')).toMatchObject({
      retry: false,
      reason: expect.stringContaining('TEAMS_APP_PASSWORD'),
    })
  })

  test('that the login refuses names the setting, and the password nowhere', async () => {
    const wrong = out.start({ appPassword: 'not-the-password' })
    const result = await sending(wrong, 'x')
    expect(result).toMatchObject({ retry: false, reason: expect.stringContaining('TEAMS_APP_PASSWORD') })
    expect(JSON.stringify(result)).not.toContain('not-the-password')
  })

  test('that the login cannot give now is asked for later: nothing was sent', async () => {
    const fresh = out.start()
    out.teams.fail('token', { type: 'status', status: 503 })
    const result = await sending(fresh, 'x')
    expect(result).toMatchObject({ retry: true })
    expect(result).not.toHaveProperty('uncertain')
    expect(await sending(fresh, 'y')).toMatchObject({ ok: true })
  })

  test('does not hold up a delivery that is given up', async () => {
    const fresh = out.start()
    out.teams.fail('token', { type: 'hang' })
    const started = Date.now()
    const given = { type: 'card', card: card('x') } as const
    expect(await out.deliver(quick, given, {}, AbortSignal.timeout(100), fresh.platform)).toMatchObject({
      retry: true,
    })
    expect(Date.now() - started).toBeLessThan(1000)
  })
})
