/** Whatever reaches the port of the whole program: a status, a short reason, and nothing stored. */
import { createHmac } from 'node:crypto'
import { request as open } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTocsin, type Tocsin } from '../support/app.ts'
import { commandForm, event, formOf } from '../support/slack-payloads.ts'

let tocsin: Tocsin
beforeAll(async () => {
  tocsin = await startTocsin({ env: { CONSOLE: 'on' } })
})
afterAll(() => tocsin?.stop())

let count = 0
const aCommand = (text = 'declare Should not be', trigger = `t${++count}`): string => {
  const { team, url } = tocsin.slack
  const fields = { command: '/incident', text, channel: 'C1', trigger, responseUrl: `${url}/hooks/none` }
  return commandForm({ user: 'UIDA', team, home: team }, fields)
}
const json = { 'content-type': 'application/json' }
const asForm = { 'content-type': 'application/x-www-form-urlencoded' }
const seconds = (ago: number) => Math.floor(Date.now() / 1000) - ago

type Answer = { status: number; text: string; ms: number }
const send = async (
  body: string | Buffer | undefined,
  headers: Record<string, string>,
  { path = '/slack/events', method = 'POST' } = {},
): Promise<Answer> => {
  const began = performance.now()
  const response = await fetch(tocsin.url + path, {
    method,
    headers,
    body: typeof body === 'string' || !body ? body : new Uint8Array(body),
  })
  return { status: response.status, text: await response.text(), ms: performance.now() - began }
}
const stored = async (): Promise<number> => {
  const [row] = await tocsin.sql<{ n: number }>('select count(*)::int as n from inbox')
  return row!.n
}
/** The quickest of a few, for a machine that does other things too; refused requests leave nothing, so they repeat. */
async function refused(
  what: () => Promise<Answer>,
  status: number | number[],
  withinMs = 500,
): Promise<Answer> {
  const before = await stored()
  let answer = await what()
  for (let more = 0; answer.ms >= withinMs && more < 3; more += 1) answer = await what()
  expect([status].flat(), answer.text).toContain(answer.status)
  expect(answer.text.length).toBeLessThan(200)
  expect(answer.ms).toBeLessThan(withinMs)
  expect(await stored()).toBe(before)
  return answer
}

describe('a signature', () => {
  test.each<[string, () => Record<string, string>]>([
    ['is missing', () => ({})],
    [
      'is of another secret',
      () => ({ ...tocsin.slack.sign('x'), 'x-slack-signature': `v0=${'ab'.repeat(32)}` }),
    ],
    ['is of another body', () => tocsin.slack.sign('another body')],
    ['is six minutes old', () => tocsin.slack.sign(aCommand('', 'fixed'), seconds(360))],
    ['is two minutes ahead', () => tocsin.slack.sign(aCommand('', 'fixed'), seconds(-120))],
    ['has no time', () => ({ 'x-slack-signature': tocsin.slack.sign('x')['x-slack-signature'] })],
    [
      'has a time that is no number',
      () => ({ ...tocsin.slack.sign('x'), 'x-slack-request-timestamp': 'soon' }),
    ],
    [
      'has a time of a million digits',
      () => ({ ...tocsin.slack.sign('x'), 'x-slack-request-timestamp': '1'.repeat(5_000) }),
    ],
    ['is empty', () => ({ ...tocsin.slack.sign('x'), 'x-slack-signature': '' })],
    ['is very long', () => ({ ...tocsin.slack.sign('x'), 'x-slack-signature': `v0=${'a'.repeat(7_000)}` })],
  ])('that %s is refused', async (_what, headers) => {
    await refused(() => send(aCommand('', 'fixed'), { ...asForm, ...headers() }), 401)
  })

  test('that is replayed, also signed anew, takes effect once', async () => {
    const body = aCommand('declare Replayed')
    const headers = { ...asForm, ...tocsin.slack.sign(body) }
    for (const each of [headers, headers, { ...asForm, ...tocsin.slack.sign(body, seconds(200)) }])
      expect((await send(body, each)).status).toBe(200)
    await tocsin.slack.waitFor(
      async () => (await tocsin.sql(`select 1 from inbox where state = 'queued'`)).length === 0,
    )
    expect(await tocsin.sql(`select 1 from incidents where title = 'Replayed'`)).toHaveLength(1)
  })
})

describe('a signed body', () => {
  const deep = (open: string, close: string) => `${open.repeat(100_000)}1${close.repeat(100_000)}`
  const bad: [string, () => string | Buffer, Record<string, string>, number | number[]][] = [
    ['that is empty', () => '', json, 400],
    ['that is cut off', () => '{"type":"event_call', json, 400],
    ['that is no object', () => '"text"', json, 400],
    ['that is null', () => 'null', json, 400],
    ['of another type', () => 'hello', { 'content-type': 'text/plain' }, 415],
    ['of no type', () => Buffer.from('hello'), {}, 415],
    ['with objects 100,000 deep', () => deep('{"a":', '}'), json, 400],
    ['with lists 100,000 deep', () => deep('[', ']'), json, 400],
    [
      'with a payload 100,000 deep',
      () => `payload=${encodeURIComponent(deep('{"a":', '}'))}`,
      asForm,
      [400, 413],
    ],
    ['of a million brackets in a string that never ends', () => `{"a":"${'['.repeat(900_000)}`, json, 400],
    ['of 10 MB', () => Buffer.alloc(10_000_000, 'a'), json, 413],
    ['of 10 MB that claims to be a form', () => Buffer.alloc(10_000_000, 'a=b&'), asForm, 413],
    ['of 900 kB of ampersands', () => '&'.repeat(900_000), asForm, 400],
    ['that is not UTF-8', () => Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), json, 400],
    ['whose escapes are not UTF-8', () => 'command=%C0%AF&user_id=%FF', asForm, 400],
    ['whose escapes are cut off', () => 'command=%2', asForm, 400],
    ['without a user', () => aCommand().replace(/user_id=[^&]*/, ''), asForm, 400],
    [
      'with a user of 10,000 letters',
      () => aCommand().replace('user_id=UIDA', `user_id=${'U'.repeat(10_000)}`),
      asForm,
      400,
    ],
    ['with a user of two lines', () => aCommand().replace('user_id=UIDA', 'user_id=U%0AIDA'), asForm, 400],
    ['of a kind that nobody knows', () => '{"type":"future"}', json, 400],
    ['whose payload is a list', () => 'payload=%5B%5D', asForm, 400],
    [
      'whose click has no action',
      () => formOf({ type: 'block_actions', user: { id: 'UIDA' }, team: { id: 'T1' }, actions: [] }),
      asForm,
      400,
    ],
    [
      'of another workspace',
      () => aCommand().replace(`team_id=${tocsin.slack.team}`, 'team_id=T0OTHER'),
      asForm,
      403,
    ],
  ]
  test.each(bad)('%s is refused at once', async (_what, body, headers, status) => {
    const bytes = Buffer.from(body())
    const stamp = String(seconds(0))
    const mac = createHmac('sha256', tocsin.slack.secret).update(`v0:${stamp}:`).update(bytes).digest('hex')
    const signature = { 'x-slack-request-timestamp': stamp, 'x-slack-signature': `v0=${mac}` }
    await refused(() => send(bytes, { ...headers, ...signature }), status)
  })

  test('with an event of somebody in another organisation gives them nothing', async () => {
    const who = { user: 'UFOREIGN', team: tocsin.slack.team, home: 'T0ELSEWHERE' }
    const body = JSON.stringify(
      event(who, 'EvForeign', tocsin.slack.bot, {
        type: 'app_mention',
        channel: 'C1',
        text: '<@U0BOT> declare Theirs',
        ts: '1.1',
      }),
    )
    expect((await send(body, { ...json, ...tocsin.slack.sign(body) })).status).toBe(200)
    await tocsin.slack.waitFor(
      async () => (await tocsin.sql(`select 1 from inbox where state = 'queued'`)).length === 0,
    )
    expect(await tocsin.sql(`select 1 from incidents where title = 'Theirs'`)).toEqual([])
  })
})

describe('what is no request of ours', () => {
  test.each<[string, string, string, number]>([
    ['an unknown path', 'POST', '/slack/nothing', 404],
    ['another method', 'GET', '/slack/events', 405],
    ['a path that cannot be decoded', 'GET', '/%E0%A4%A', 404],
    ['a path out of its folder', 'GET', '/console/..%2f..%2fpackage.json', 404],
    ['a path of 8,000 letters', 'GET', `/${'a'.repeat(8_000)}`, 404],
    ['an alert of a later version', 'POST', '/alerts/grafana/token', 404],
  ])('%s gets a short word', async (_what, method, path, status) => {
    const [body, headers] = method === 'GET' ? [undefined, {}] : ['{}', json]
    await refused(() => send(body, headers, { path, method }), status)
  })

  const raw = (text: string) =>
    new Promise<string>((resolve) => {
      const { port } = new URL(tocsin.url)
      let heard = ''
      const socket = connect(Number(port), '127.0.0.1', () => socket.write(text))
      socket.on('data', (bytes) => {
        heard += String(bytes)
      })
      socket.on('error', () => resolve(heard)).on('close', () => resolve(heard))
      socket.setTimeout(2_000, () => socket.destroy())
    })

  test.each<[string, string, RegExp]>([
    ['no HTTP at all', 'HELO example.com\r\n\r\n', /^HTTP\/1\.1 400/],
    [
      'two lengths',
      'POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      /^HTTP\/1\.1 400/,
    ],
    [
      'a length and chunks',
      'POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      /^HTTP\/1\.1 400/,
    ],
    [
      'headers of 100 kB',
      `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(100_000)}\r\n\r\n`,
      /^HTTP\/1\.1 431/,
    ],
    [
      'a thousand headers',
      `GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${Array.from({ length: 1_000 }, (_, n) => `a${n}: b\r\n`).join('')}\r\n`,
      /^HTTP\/1\.1 (200|431)/,
    ],
  ])('%s gets a status and breaks nothing', async (_what, text, status) => {
    expect(await raw(text)).toMatch(status)
    expect((await fetch(`${tocsin.url}/healthz`)).status).toBe(200)
  })

  test('a body that never comes ends after a while, and one that trickles too', async () => {
    const body = aCommand()
    const headers = { ...asForm, ...tocsin.slack.sign(body), 'content-length': String(body.length) }
    const slow = (trickle: boolean) =>
      new Promise<{ status: number; ms: number }>((resolve) => {
        const began = performance.now()
        const end = (status: number) => {
          clearInterval(timer)
          sent.destroy()
          resolve({ status, ms: performance.now() - began })
        }
        const sent = open(`${tocsin.url}/slack/events`, { method: 'POST', headers }, (answer) =>
          end(answer.statusCode ?? 0),
        )
        sent.on('error', () => end(0))
        sent.flushHeaders()
        let at = 0
        const timer = setInterval(() => {
          if (trickle) sent.write(body[at++])
        }, 100)
      })
    const before = await stored()
    for (const { status, ms } of await Promise.all([slow(false), slow(true)])) {
      expect([0, 408]).toContain(status)
      expect(ms).toBeLessThan(8_000)
    }
    expect(await stored()).toBe(before)
  })
})
