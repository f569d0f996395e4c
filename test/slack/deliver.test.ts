import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { uuid } from '../../src/db/uuid.ts'
import type { Card } from '../../src/messages/card.ts'
import type { Outgoing, Receipt, Route } from '../../src/ports/platform.ts'
import { type Fault, type SlackStandIn, startSlackStandIn } from '../support/slack-stand-in.ts'
import { startSlackApp } from './slack-app.ts'

let slack: SlackStandIn
let app: Awaited<ReturnType<typeof startSlackApp>>
beforeAll(async () => {
  slack = await startSlackStandIn()
  slack.addUser({ id: 'U1', name: 'Ida Torres', email: 'ida@example.com', owner: true })
  slack.setChannel('C0ARCHIVED', { archived: true })
  slack.setChannel('C0OUT', { notIn: true })
  app = await startSlackApp(slack)
})
afterAll(async () => {
  await app.close()
  await slack.close()
})
beforeEach(() => slack.heal())

const card = (text: string): Card => ({ summary: text, blocks: [{ type: 'text', text }] })
const channel = (id = 'C1'): Route => ({ type: 'channel', channel: id })

const deliver = (
  route: Route,
  content: Outgoing['content'],
  more: Partial<Outgoing> = {},
  signal = AbortSignal.timeout(5000),
) =>
  app.adapter.platform.deliver(
    app.workspace,
    { id: uuid(), route, content, uncertain: false, mentions: {}, ...more },
    signal,
  )
const say = (route: Route, text: string, more?: Partial<Outgoing>, signal?: AbortSignal) =>
  deliver(route, { type: 'card', card: card(text) }, more, signal)

describe('a message arrives', () => {
  test('in a channel, in its thread and to a person, unfurling nothing', async () => {
    const first = await say(channel('C3'), 'in the channel')
    expect(first).toMatchObject({ ok: true, receipt: { channel: 'C3' } })
    const root = (first as { receipt: Receipt }).receipt.message
    await say({ type: 'channel', channel: 'C3', thread: root }, 'in the thread')
    await say({ type: 'person', user: 'U1' }, 'to Ida')
    await say({ type: 'person', user: 'U1' }, 'to Ida again')
    expect(slack.messages('C3').map(slack.textOf)).toEqual(['in the channel', 'in the thread'])
    expect(slack.messages('C3')[1]?.thread_ts).toBe(root)
    expect(slack.direct('U1').map(slack.textOf)).toEqual(['to Ida', 'to Ida again'])
    expect(slack.calls('conversations.open')).toHaveLength(1)
    for (const { args } of slack.calls('chat.postMessage'))
      expect(args).toMatchObject({ unfurl_links: 'false', unfurl_media: 'false' })
  })

  test('for one person alone', async () => {
    await say({ type: 'ephemeral', channel: 'C1', user: 'U1' }, 'only you')
    const { hook } = await slack.as('U1').command('x')
    const response: Route = {
      type: 'response',
      url: `${slack.url}/hooks/${hook}`,
      channel: 'C1',
      user: 'U1',
    }
    for (let use = 1; use <= 5; use += 1) expect(await say(response, `use ${use}`)).toEqual({ ok: true })
    expect(await say(response, 'use 6')).toMatchObject({ ok: false, retry: false, gone: 'response' })
    expect(slack.ephemerals('U1').map(slack.textOf)).toEqual([
      'only you',
      ...[1, 2, 3, 4, 5].map((n) => `use ${n}`),
    ])
  })

  test('changed in place', async () => {
    const posted = await say(channel('C4'), 'before')
    const { receipt } = posted as { receipt: Receipt }
    await deliver(channel('C4'), { type: 'update', message: receipt, card: card('after') })
    expect(slack.messages('C4').map(slack.textOf)).toEqual(['after'])
    const lost = { ...receipt, message: '1.000001' }
    expect(await deliver(channel('C4'), { type: 'update', message: lost, card: card('x') })).toMatchObject({
      retry: false,
      gone: 'message',
    })
  })

  test('as plain words where Slack refuses its blocks', async () => {
    slack.fail('chat.postMessage', { type: 'refused', error: 'invalid_blocks' })
    expect(await say(channel('C5'), 'a page & more')).toMatchObject({ ok: true })
    expect(slack.messages('C5')[0]?.text).toContain('a page &amp; more')
  })
})

describe('what goes wrong is told apart', () => {
  const cases: [string, Fault, Record<string, unknown>][] = [
    ['a rate limit', { type: 'throttled', retryAfter: 7 }, { retry: true, afterMs: 7000, throttled: true }],
    ['a rate limit without a time', { type: 'throttled' }, { retry: true, throttled: true, afterMs: 1000 }],
    ['a rate limit in words', { type: 'refused', error: 'ratelimited' }, { retry: true, throttled: true }],
    ['a server error', { type: 'status', status: 503 }, { retry: true, uncertain: true }],
    ['an answer cut short', { type: 'broken' }, { retry: true, uncertain: true }],
    ['a fault of Slack', { type: 'refused', error: 'internal_error' }, { retry: true, uncertain: true }],
    ['a fatal one', { type: 'refused', error: 'fatal_error' }, { retry: true, uncertain: true }],
    ['no such channel', { type: 'refused', error: 'channel_not_found' }, { retry: false, gone: 'channel' }],
    ['a revoked token', { type: 'refused', error: 'token_revoked' }, { retry: false }],
    ['a forbidden action', { type: 'refused', error: 'restricted_action' }, { retry: false }],
    ['an unknown refusal', { type: 'refused', error: 'novel_error' }, { retry: false }],
  ]
  test.each(cases)('%s', async (_what, fault, result) => {
    slack.fail('chat.postMessage', fault)
    expect(await say(channel(), 'x')).toMatchObject({ ok: false, ...result })
  })

  test('a missing scope is named', async () => {
    slack.fail('chat.postMessage', { type: 'refused', error: 'missing_scope', needed: 'chat:write' })
    expect(await say(channel(), 'x')).toMatchObject({ reason: expect.stringContaining('chat:write') })
  })

  test('an archived channel, and one that the bot is not in', async () => {
    expect(await say(channel('C0ARCHIVED'), 'x')).toMatchObject({ retry: false, gone: 'channel' })
    expect(await say(channel('C0OUT'), 'x')).toMatchObject({ reason: expect.stringContaining('invite') })
    expect(await say({ type: 'person', user: 'U404' }, 'x')).toMatchObject({ retry: false })
  })

  test('a call that hangs is given up when the delivery is, as uncertain', async () => {
    slack.fail('chat.postMessage', { type: 'hang' })
    const started = Date.now()
    expect(await say(channel(), 'x', {}, AbortSignal.timeout(100))).toMatchObject({
      retry: true,
      uncertain: true,
    })
    expect(Date.now() - started).toBeLessThan(1000)
  })

  test('response addresses: slow, broken, and not of Slack', async () => {
    const url = (hook = '') => `${slack.url}/hooks/${hook}`
    const to = (address: string): Route => ({ type: 'response', url: address, channel: 'C1', user: 'U1' })
    slack.fail('hooks', { type: 'throttled', retryAfter: 3 })
    expect(await say(to(url()), 'x')).toMatchObject({ retry: true, afterMs: 3000, throttled: true })
    slack.fail('hooks', { type: 'status', status: 500 })
    expect(await say(to(url()), 'x')).toMatchObject({ retry: true })
    for (const other of [
      'http://hooks.slack.com/x',
      'https://hooks.slack.com.evil.example/x',
      'https://hooks.slack.com@evil.example/x',
      'http://169.254.169.254/latest',
      'file:///etc/passwd',
    ])
      expect(await say(to(other), 'x')).toMatchObject({ retry: false, gone: 'response' })
    const gone = await say(to(url('none')), 'x')
    expect(JSON.stringify(gone)).not.toContain(slack.url)
  })
})

describe('a message whose receipt was lost', () => {
  test.each(['a channel', 'a thread', 'a person'])('is found in %s and not sent twice', async (where) => {
    const id = uuid()
    const root = slack.messages('C3')[0]!.ts
    const routes: Record<string, Route> = {
      'a channel': channel('C6'),
      'a thread': { type: 'channel', channel: 'C3', thread: root },
      'a person': { type: 'person', user: 'U1' },
    }
    slack.fail('chat.postMessage', { type: 'broken', taken: true })
    expect(await say(routes[where]!, 'once', { id })).toMatchObject({ retry: true, uncertain: true })
    const before = slack.calls('chat.postMessage').length
    expect(await say(routes[where]!, 'once', { id, uncertain: true })).toMatchObject({
      ok: true,
      receipt: { message: expect.any(String) },
    })
    expect(slack.calls('chat.postMessage')).toHaveLength(before)
  })

  test('is sent where it was not found', async () => {
    expect(await say(channel('C7'), 'at last', { uncertain: true })).toMatchObject({ ok: true })
    expect(slack.messages('C7')).toHaveLength(1)
  })

  test('waits while looking fails for a moment, and is sent where looking is forbidden', async () => {
    slack.fail('conversations.history', { type: 'throttled', retryAfter: 2 })
    expect(await say(channel('C8'), 'x', { uncertain: true })).toMatchObject({ retry: true, uncertain: true })
    slack.fail('conversations.history', { type: 'refused', error: 'missing_scope' })
    expect(await say(channel('C8'), 'x', { uncertain: true })).toMatchObject({ ok: true })
  })
})

test('people are who Slack says they are, and asked about once', async () => {
  slack.addUser({ id: 'U2', name: 'Gus Guest', guest: true })
  slack.addUser({ id: 'U3', name: 'Robo', bot: true })
  slack.addUser({ id: 'U4', name: 'Left Long Ago', deactivated: true })
  slack.addUser({ id: 'U5', name: 'Pat Partner', team: 'T0PARTNER' })
  const profile = (user: string) => app.adapter.platform.profile(app.workspace, user)
  expect(await profile('U1')).toEqual({
    user: 'U1',
    name: 'Ida Torres',
    email: 'ida@example.com',
    timeZone: 'Europe/London',
    kind: 'member',
    owner: true,
  })
  const kinds = await Promise.all(
    ['U2', 'U3', 'U4', 'U5', 'U404'].map(async (id) => (await profile(id)).kind),
  )
  expect(kinds).toEqual(['guest', 'bot', 'deactivated', 'foreign', 'unknown'])
  await Promise.all([profile('U1'), profile('U1')])
  expect(slack.calls('users.info').filter(({ args }) => args.user === 'U1')).toHaveLength(1)
  slack.fail('users.info', { type: 'status', status: 500 })
  await expect(profile('U6')).rejects.toMatchObject({ kind: 'unavailable' })
})

describe('an answer that grows', () => {
  const stream = async (user: string, place: Record<string, string> = {}) => {
    slack.addUser({ id: user, name: user })
    return app.adapter.platform.stream!(app.workspace, { channel: slack.directOf(user), user, ...place })
  }

  test('ends as the whole card, and no word of it was a link or a mention', async () => {
    const answer = await stream('U10', { thread: '1.1' })
    answer!.append('see <!channel> [here](https://evil.example)')
    const growing = { ...(await slack.waitFor(() => slack.direct('U10')[0])) }
    expect(growing.text).not.toMatch(/<!channel>|\]\(|:\/\//)
    answer!.append(' and more')
    expect(await answer!.finish(card('All of it.'))).toMatchObject({ message: growing.ts })
    expect(slack.direct('U10').map(slack.textOf)).toEqual(['All of it.'])
  })

  test('is a message that changes where streaming is not offered', async () => {
    slack.fail('chat.startStream', { type: 'refused', error: 'unknown_method' })
    const answer = await stream('U11')
    answer!.append('first')
    await slack.waitFor(() => slack.direct('U11').length > 0)
    answer!.append(' second')
    await slack.waitFor(() => slack.direct('U11').some((m) => slack.textOf(m) === 'first second'))
    await answer!.finish(card('Whole.'))
    expect(slack.direct('U11').map(slack.textOf)).toEqual(['Whole.'])
  })

  test('leaves nothing where it could not be begun or finished, so that it is sent anew', async () => {
    slack.fail('chat.startStream', { type: 'refused', error: 'unknown_method' })
    slack.fail('chat.postMessage', { type: 'status', status: 500 })
    const lost = await stream('U12')
    lost!.append('x')
    await slack.waitFor(() => slack.calls('chat.postMessage').at(-1)?.args.channel === slack.directOf('U12'))
    expect(await lost!.finish(card('y'))).toBeUndefined()
    const half = await stream('U12')
    half!.append('half')
    await slack.waitFor(() => slack.direct('U12').length > 0)
    slack.fail('chat.update', { type: 'refused', error: 'edit_window_closed' })
    expect(await half!.finish(card('y'))).toBeUndefined()
    expect(slack.direct('U12')).toEqual([])
  })

  test('is never in a channel that others read', async () => {
    expect(await stream('U13', { channel: 'C1' })).toBeUndefined()
  })
})
