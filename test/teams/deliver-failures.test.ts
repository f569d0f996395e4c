import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { TeamsFault } from '../support/teams-stand-in.ts'
import { card, channel, inChannel, startOutgoing } from './outgoing.ts'

let out: Awaited<ReturnType<typeof startOutgoing>>
beforeAll(async () => {
  out = await startOutgoing()
  await out.heard(channel)
})
afterAll(() => out.close())
afterEach(() => out.teams.heal())

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
