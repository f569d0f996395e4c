import { request } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { sign } from '../../src/adapters/slack/signature.ts'
import { commandForm, event, form, formOf } from '../support/slack-payloads.ts'
import { type SlackStandIn, startSlackStandIn } from '../support/slack-stand-in.ts'
import { startSlackApp } from './slack-app.ts'

let slack: SlackStandIn
let app: Awaited<ReturnType<typeof startSlackApp>>
beforeAll(async () => {
  slack = await startSlackStandIn()
  slack.addUser({ id: 'U1', name: 'Ida Torres' })
  app = await startSlackApp(slack)
})
afterAll(async () => {
  await app.close()
  await slack.close()
})
afterEach(() => {
  app.stored.clear()
  app.submitted.length = 0
  app.other.down = false
  app.other.answer = { ok: true }
})

let count = 0
const aCommand = (fields: Partial<Parameters<typeof commandForm>[1]> = {}, team = slack.team): string => {
  count += 1
  const who = { user: `U9${count}`, team, home: team }
  const responseUrl = `${slack.url}/hooks/none`
  const filled = { command: '/incident', text: 'list', channel: 'C1', trigger: `t${count}`, responseUrl }
  return commandForm(who, { ...filled, ...fields })
}
const send = async (body: string | Buffer, headers: Record<string, string> = {}) => {
  const started = performance.now()
  const response = await fetch(`${app.url}/slack/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  })
  return { status: response.status, text: await response.text(), ms: performance.now() - started }
}
const now = () => Math.floor(Date.now() / 1000)
const json = { 'content-type': 'application/json' }

describe('a signature', () => {
  test.each([
    ['of this moment', 0, 200],
    ['four minutes old', -240, 200],
    ['six minutes old', -360, 401],
    ['from 30 seconds ahead, as clocks differ', 30, 200],
    ['from two minutes ahead', 120, 401],
  ])('%s answers as it should', async (_when, seconds, status) => {
    const body = aCommand()
    expect((await send(body, slack.sign(body, now() + seconds))).status).toBe(status)
    expect(app.stored.size).toBe(status === 200 ? 1 : 0)
  })

  test('that is forged, missing, odd or for another body is refused and nothing is stored', async () => {
    const body = aCommand()
    const good = slack.sign(body)
    const forged = { ...good, 'x-slack-signature': `v0=${'0'.repeat(64)}` }
    for (const headers of [
      {},
      forged,
      { ...good, 'x-slack-signature': 'v0=' },
      { ...good, 'x-slack-signature': good['x-slack-signature'].toUpperCase() },
      { ...good, 'x-slack-request-timestamp': `${good['x-slack-request-timestamp']}.0` },
      { 'x-slack-signature': good['x-slack-signature'] },
      { 'x-slack-request-timestamp': good['x-slack-request-timestamp'] },
      slack.sign(`${body}&text=other`),
    ]) {
      const answer = await send(body, headers as Record<string, string>)
      expect(answer.status).toBe(401)
      expect(answer.text.length).toBeLessThan(200)
    }
    expect(app.stored.size).toBe(0)
  })

  test('that is replayed stores nothing twice, also signed anew', async () => {
    const body = aCommand()
    const headers = slack.sign(body)
    expect((await send(body, headers)).status).toBe(200)
    expect((await send(body, headers)).status).toBe(200)
    expect((await send(body, slack.sign(body, now() - 5))).status).toBe(200)
    expect(app.stored.size).toBe(1)
  })
})

describe('a signed but unusable body', () => {
  const bad: [string, string | Buffer, Record<string, string>, number][] = [
    ['that is not JSON', '{"type":', json, 400],
    ['that is a list', '[]', json, 400],
    ['that is empty', '', json, 400],
    ['without a known type', '{"type":"novel"}', json, 400],
    ['nested a hundred thousand deep', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, json, 400],
    ['that is not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), json, 400],
    ['whose form is not UTF-8', 'command=%FF%FE&user_id=U1', {}, 400],
    ['of another content type', 'hello', { 'content-type': 'text/plain' }, 415],
    [
      'whose command lacks its user',
      form({ command: '/incident', team_id: 'T1', channel_id: 'C1' }),
      {},
      400,
    ],
    ['whose payload is not JSON', form({ payload: '{' }), {}, 400],
    [
      'whose click has no action',
      formOf({ type: 'block_actions', user: { id: 'U1' }, actions: [] }),
      {},
      400,
    ],
    [
      'whose click has a number for a user',
      formOf({ type: 'block_actions', user: 7, actions: [{}] }),
      {},
      400,
    ],
    [
      'whose event has no id',
      '{"type":"event_callback","team_id":"T1","event":{"type":"message"}}',
      json,
      400,
    ],
    ['whose event is text', '{"type":"event_callback","team_id":"T1","event_id":"E","event":"x"}', json, 400],
    ['that names a field twice', 'command=%2Fincident&command=%2Finc', {}, 400],
  ]
  test.each(bad)('%s is refused at once', async (_what, body, headers, status) => {
    const bytes = Buffer.from(body)
    const answer = await send(bytes, { ...headers, ...signBytes(bytes) })
    expect(answer.status).toBe(status)
    expect(answer.text.length).toBeLessThan(200)
    expect(answer.ms).toBeLessThan(500)
    expect(app.stored.size).toBe(0)
  })

  test('of an unknown workspace is refused', async () => {
    const body = aCommand({}, 'T0OTHER')
    expect((await send(body, slack.sign(body))).status).toBe(403)
    expect(app.stored.size).toBe(0)
  })

  test('over 1 MB is refused, whether it says so or not', async () => {
    const body = `text=${'x'.repeat(2_000_000)}`
    expect((await send(body, slack.sign(body))).status).toBe(413)
    const status = await new Promise((done, fail) => {
      const headers = { ...json, ...slack.sign(''), 'transfer-encoding': 'chunked' }
      const streaming = request(`${app.url}/slack/events`, { method: 'POST', headers }, (response) => {
        done(response.statusCode)
        streaming.destroy()
      })
      streaming.on('error', fail)
      const more = () => {
        while (!streaming.destroyed && streaming.write('x'.repeat(50_000))) {}
        if (!streaming.destroyed) streaming.once('drain', more)
      }
      more()
    })
    expect(status).toBe(413)
  })

  test('with text that Postgres cannot store is cleaned', async () => {
    const body = aCommand({ text: 'declare a\u0000b' })
    await send(body, slack.sign(body))
    const [arrival] = [...app.stored.values()]
    expect(JSON.parse(arrival?.payload ?? '').text).toBe('declare ab')
    expect(arrival?.payload).not.toContain('deprecated')
  })
})

const signBytes = (bytes: Buffer) => {
  const timestamp = String(now())
  return {
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': sign(slack.secret, timestamp, bytes),
  }
}

describe('where it cannot be stored', () => {
  test('an event is asked for again, and is taken when it comes', async () => {
    const who = { user: 'U1', team: slack.team, home: slack.team }
    const inner = { type: 'message', channel_type: 'im', channel: 'D1', text: 'hi', ts: '1.1' }
    const body = JSON.stringify(event(who, 'Ev1', slack.bot, inner))
    app.other.down = true
    expect((await send(body, { ...json, ...slack.sign(body) })).status).toBe(503)
    app.other.down = false
    const retry = { 'x-slack-retry-num': '1', 'x-slack-retry-reason': 'http_error' }
    expect((await send(body, { ...json, ...retry, ...slack.sign(body) })).status).toBe(200)
    expect((await send(body, { ...json, ...retry, ...slack.sign(body) })).status).toBe(200)
    expect([...app.stored.keys()]).toEqual(['event:Ev1'])
  })

  test('a command is told that nothing was done', async () => {
    app.other.down = true
    const { status, body } = await slack.as('U1').command('list')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      response_type: 'ephemeral',
      text: expect.stringMatching(/^Nothing was done/),
    })
  })

  test('a click fails visibly and its sender is told alone', async () => {
    app.other.down = true
    const button = {
      type: 'button',
      action_id: 'ack',
      value: '{}',
      text: { type: 'plain_text', text: 'Ack' },
    }
    const blocks = [{ type: 'actions', elements: [button] }]
    const message = { channel: 'C1', ts: '1.1', text: 'x', blocks, user: slack.bot, edits: 0, order: 0 }
    const sent = await slack.as('U1').click(message, 'Ack')
    expect(sent.status).toBe(503)
    expect(slack.textOf(await slack.answerTo(sent))).toMatch(/^Nothing was done/)
  })
})

test('before Slack has said who we are, events come again and commands are told', async () => {
  const other = await startSlackStandIn()
  const early = await startSlackApp(other, { started: false })
  const said = await other.as('U1').command('list')
  expect(said.body).toMatchObject({ text: expect.stringMatching(/^Nothing was done/) })
  expect((await other.as('U1').dm('hi')).status).toBe(503)
  await early.close()
  await other.close()
  slack.connect(app.url)
})

test('a command that is not ours is answered politely, and not stored', async () => {
  const { body } = await slack.as('U1').command('list', { command: '/deploy' })
  expect(body).toMatchObject({ response_type: 'ephemeral', text: expect.stringContaining('/deploy') })
  expect(app.stored.size).toBe(0)
})

test('the address is confirmed, and a certificate check needs no signature', async () => {
  const body = JSON.stringify({ type: 'url_verification', challenge: 'c1', token: 'x' })
  expect(await send(body, { ...json, ...slack.sign(body) })).toMatchObject({ text: '{"challenge":"c1"}' })
  expect((await send('ssl_check=1&token=abc')).status).toBe(200)
  expect((await send('ssl_check=1&command=%2Fincident')).status).toBe(401)
})

test('one person may send 30 commands at once; far more are refused and told so', async () => {
  slack.addUser({ id: 'U5', name: 'Busy Hands' })
  const sent = await Promise.all(Array.from({ length: 100 }, () => slack.as('U5').command('list')))
  const refused = sent.filter(({ body }) => body !== '')
  expect(sent.every(({ status }) => status === 200)).toBe(true)
  expect(app.stored.size).toBeGreaterThanOrEqual(30)
  expect(app.stored.size + refused.length).toBe(100)
  expect(refused[0]?.body).toMatchObject({ text: expect.stringContaining('nothing was done') })
})

test('speech of bots, edits, and channels that do not mention us is not stored', async () => {
  const who = { user: 'U1', team: slack.team, home: slack.team }
  const dm = { type: 'message', channel_type: 'im', channel: 'D1', text: 'hi', ts: '1.1' }
  for (const inner of [
    { ...dm, bot_id: 'B1' },
    { ...dm, subtype: 'message_changed' },
    { ...dm, channel: 'C1', channel_type: 'channel' },
    { type: 'app_mention', channel: 'D1', text: 'hi', ts: '1.1' },
    { type: 'reaction_added', item: {} },
  ]) {
    const body = JSON.stringify(event(who, `Ev${Math.random()}`, slack.bot, inner))
    expect((await send(body, { ...json, ...slack.sign(body) })).status).toBe(200)
  }
  expect(app.stored.size).toBe(0)
})

test('after the stop nothing more is taken, and people are told', async () => {
  await app.adapter.stop()
  const { body } = await slack.as('U1').command('list')
  expect(body).toMatchObject({ text: expect.stringMatching(/^Nothing was done/) })
  expect(app.stored.size).toBe(0)
})
