import nock from 'nock'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSms } from '../../src/adapters/sms/sms.ts'
import { smsText } from '../../src/adapters/sms/text.ts'
import type { Card } from '../../src/messages/card.ts'
import { pageCard } from '../../src/messages/page-card.ts'
import type { Content, Outgoing } from '../../src/ports/platform.ts'

const sid = `AC${'0'.repeat(32)}`
const sms = createSms({ accountSid: sid, authToken: 'token', from: '+15005550006' })
const path = `/2010-04-01/Accounts/${sid}/Messages.json`
const link = `https://tocsin.example.com/p/${'T'.repeat(38)}`

beforeEach(() => {
  nock.disableNetConnect()
})
afterEach(() => {
  nock.cleanAll()
  nock.enableNetConnect()
})

const page = (title: string): Card =>
  pageCard(
    { incident: { id: 'i', key: 'INC-042', title, priority: 'P1', version: 1 }, why: 'You are on call.' },
    'page',
    link,
  )
const outgoing = (card: Card, more: Partial<Outgoing> = {}): Outgoing => ({
  id: '0190a1b2-0000-7000-8000-000000000001',
  route: { type: 'person', user: '+441632960000' },
  content: { type: 'card', card },
  uncertain: false,
  mentions: {},
  ...more,
})
const workspace = { orgId: 'o', id: 'w', platform: 'sms', externalId: 'o' } as const
const deliver = (message: Outgoing, signal = new AbortController().signal) =>
  sms.deliver(workspace, message, signal)
const twilio = () => nock('https://api.twilio.com')

describe('the text', () => {
  test('is the first line and the link', () => {
    expect(smsText(page('Checkout is down'))).toBe(`INC-042 needs you: Checkout is down (P1) ${link}`)
  })

  test('of a long title keeps key, priority and link, within one message', () => {
    const text = smsText(page('a'.repeat(200)))
    expect(text).toHaveLength(160)
    expect(text).toMatch(/^INC-042 needs you: a+\.\.\. \(P1\) https:/)
    expect(text.endsWith(` ${link}`)).toBe(true)
  })

  test('writes what the GSM alphabet lacks in the nearest form that it has', () => {
    expect(smsText({ summary: '🔴 INC-1 “Kasse” – geht nicht… čaj', blocks: [] })).toBe(
      'INC-1 "Kasse" - geht nicht... caj',
    )
  })

  test('in another script is two parts at most, its link whole', () => {
    const text = smsText(page('Касса не работает '.repeat(20)))
    expect(text.length).toBeLessThanOrEqual(134)
    expect(text.endsWith(` ${link}`)).toBe(true)
    expect(text).toContain('(P1)')
  })

  test('counts the alphabet’s second table twice', () => {
    const text = smsText(page('{'.repeat(200)))
    const size = [...text].reduce((sum, char) => sum + ('^{}\\[~]|€'.includes(char) ? 2 : 1), 0)
    expect(size).toBeLessThanOrEqual(160)
  })

  test('never cuts a link, however long it is', () => {
    const long = `https://tocsin.example.com/${'x'.repeat(200)}`
    const card: Card = {
      summary: 'INC-042 needs you',
      blocks: [{ type: 'text', text: [{ type: 'link', url: long, text: long }] }],
    }
    expect(smsText(card)).toContain(long)
  })

  test('is one line, whatever people wrote', () => {
    expect(smsText(page('a\r\nb\u0000c\u2028d'))).not.toMatch(/[\r\n\u0000\u2028]/)
  })
})

test('a page goes out as one message, and its receipt is Twilio’s', async () => {
  let body = ''
  twilio()
    .post(path, (given) => {
      body = JSON.stringify(given)
      return true
    })
    .basicAuth({ user: sid, pass: 'token' })
    .reply(201, { sid: 'SM1', body: '' })
  expect(await deliver(outgoing(page('Checkout is down')))).toEqual({
    ok: true,
    receipt: { channel: '+441632960000', message: 'SM1' },
  })
  expect(JSON.parse(body)).toEqual({
    To: '+441632960000',
    From: '+15005550006',
    Body: `INC-042 needs you: Checkout is down (P1) ${link}`,
  })
})

test('an update has nothing to change: it is done without a message', async () => {
  const content: Content = {
    type: 'update',
    message: { channel: '+441632960000', message: 'SM1' },
    card: { summary: 's', blocks: [] },
  }
  expect(await deliver(outgoing(page('x'), { content }))).toMatchObject({ ok: true })
})

test('an account that is none is said by its variable', async () => {
  const wrong = createSms({ accountSid: 'x', authToken: 'token', from: '+15005550006' })
  expect(await wrong.deliver(workspace, outgoing(page('x')), new AbortController().signal)).toEqual({
    ok: false,
    retry: false,
    reason: 'TWILIO_ACCOUNT_SID does not begin with AC',
  })
})

describe('what Twilio refuses', () => {
  test.each([21211, 21214, 21408, 21610, 21612, 21614, 21659, 30003, 30004, 30005, 30006])(
    'for good is not tried again: %i',
    async (code) => {
      twilio().post(path).reply(400, { code, message: 'no +441632960000', status: 400 })
      const result = await deliver(outgoing(page('x')))
      expect(result).toMatchObject({ ok: false, retry: false, reason: expect.stringContaining(String(code)) })
      expect(JSON.stringify(result)).not.toContain('+441632960000')
    },
  )

  test('for want of a right token names the variable, never its value', async () => {
    twilio().post(path).reply(401, { code: 20003, message: 'Authenticate', status: 401 })
    const result = await deliver(outgoing(page('x')))
    expect(result).toMatchObject({ ok: false, retry: false })
    expect(JSON.stringify(result)).toContain('TWILIO_AUTH_TOKEN')
  })

  test('because it is too much is tried again when Twilio says, and only once a try', async () => {
    const scope = twilio().post(path).reply(429, { code: 20429, status: 429 }, { 'retry-after': '7' })
    twilio().post(path).reply(201, { sid: 'SM2' })
    expect(await deliver(outgoing(page('x')))).toEqual({
      ok: false,
      retry: true,
      reason: 'Twilio is slowing us down',
      throttled: true,
      afterMs: 7_000,
    })
    expect(scope.isDone()).toBe(true)
    expect(nock.pendingMocks()).toHaveLength(1)
  })

  test('because its queue is full passes', async () => {
    twilio().post(path).reply(400, { code: 21611, status: 400 })
    expect(await deliver(outgoing(page('x')))).toMatchObject({ ok: false, retry: true, throttled: true })
  })

  test('with a fault of its own may have been sent', async () => {
    for (const status of [500, 502, 503, 504]) {
      twilio().post(path).reply(status, 'broken')
      expect(await deliver(outgoing(page('x')))).toMatchObject({ ok: false, retry: true, uncertain: true })
    }
  })
})

test('a Twilio that is away certainly took nothing; one that breaks off may have', async () => {
  twilio()
    .post(path)
    .replyWithError(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }))
  expect(await deliver(outgoing(page('x')))).not.toHaveProperty('uncertain')
  twilio()
    .post(path)
    .replyWithError(Object.assign(new Error('no'), { code: 'ECONNRESET' }))
  expect(await deliver(outgoing(page('x')))).toMatchObject({ ok: false, retry: true, uncertain: true })
})

test('a Twilio that hangs is left when the signal says so', async () => {
  twilio().post(path).delay(3_000).reply(201, { sid: 'SM1' })
  const result = await deliver(outgoing(page('x')), AbortSignal.timeout(100))
  expect(result).toMatchObject({ ok: false, retry: true, uncertain: true })
})

test('a message whose receipt was lost is looked up by its link before it is sent again', async () => {
  const card = page('Checkout is down')
  twilio()
    .get(path)
    .query((query) => query.To === '+441632960000')
    .reply(200, {
      messages: [
        { sid: 'SM0', body: 'other' },
        { sid: 'SM1', body: smsText(card) },
      ],
      page_size: 50,
    })
  expect(await deliver(outgoing(card, { uncertain: true }))).toMatchObject({
    ok: true,
    receipt: { message: 'SM1' },
  })
  twilio().get(path).query(true).reply(200, { messages: [], page_size: 50 })
  twilio().post(path).reply(201, { sid: 'SM2' })
  expect(await deliver(outgoing(card, { uncertain: true }))).toMatchObject({ receipt: { message: 'SM2' } })
})

test('where looking is forbidden, a duplicate beats silence; where it fails, it is tried again', async () => {
  const card = page('x')
  twilio().get(path).query(true).reply(403, { code: 20403, status: 403 })
  twilio().post(path).reply(201, { sid: 'SM3' })
  expect(await deliver(outgoing(card, { uncertain: true }))).toMatchObject({ receipt: { message: 'SM3' } })
  twilio().get(path).query(true).reply(503, 'x')
  expect(await deliver(outgoing(card, { uncertain: true }))).toMatchObject({ retry: true, uncertain: true })
})
