import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
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
afterEach(() => app.stored.clear())

describe('what is read', () => {
  test('a command', async () => {
    const sent = await slack
      .as('U1')
      .command('assign INC-001 &lt;b&gt; <@U2|ivo> <https://a.example|a.example>')
    expect(await app.read()).toEqual({
      kind: 'command',
      text: 'assign INC-001 <b> <@U2> a.example',
      user: 'U1',
      place: { channel: 'C1', direct: false },
      reply: { type: 'response', url: `${slack.url}/hooks/${sent.hook}`, channel: 'C1', user: 'U1' },
      trigger: sent.trigger,
    })
  })

  test('a direct message, and one in a thread', async () => {
    await slack.as('U1').dm(`<@${slack.bot}> what is open &amp; new?`)
    expect(await app.read()).toMatchObject({
      kind: 'message',
      text: 'what is open & new?',
      user: 'U1',
      place: { channel: 'D1', direct: true },
      reply: { type: 'person', user: 'U1' },
    })
    await slack.as('U1').dm('and now?', { thread: '5.5' })
    expect(await app.read()).toMatchObject({ reply: { type: 'channel', channel: 'D1', thread: '5.5' } })
  })

  test('a mention, by somebody of another organisation too', async () => {
    slack.addUser({ id: 'U7', name: 'Guest Star', team: 'T0PARTNER' })
    const sent = await slack.as('U7').mention('who is on call? <@U2>', { channel: 'C2' })
    expect(await app.read()).toMatchObject({
      text: 'who is on call? <@U2>',
      foreign: true,
      place: { channel: 'C2', direct: false },
      reply: { type: 'channel', channel: 'C2', thread: sent.thread },
    })
    await slack.as('U1').mention('hi')
    expect((await app.read())?.foreign).toBeUndefined()
  })

  test('a click, and not one whose value is no action of ours', async () => {
    const button = (value: string) => ({
      type: 'button',
      action_id: 'acknowledge',
      value,
      text: { type: 'plain_text', text: 'Acknowledge' },
    })
    const message = (value: string) => ({
      channel: 'C1',
      ts: '7.7',
      text: 'x',
      blocks: [{ type: 'actions', elements: [button(value)] }],
      user: slack.bot,
      edits: 0,
      order: 0,
    })
    const action = { type: 'perform', operation: 'acknowledge', input: { incident: 'INC-001' }, asOf: 3 }
    await slack.as('U1').click(message(JSON.stringify(action)), 'Acknowledge')
    expect(await app.read()).toMatchObject({
      kind: 'action',
      action,
      message: { channel: 'C1', message: '7.7' },
      reply: { type: 'response' },
    })
    for (const value of ['{}', 'null', '{"type":"perform"}', '{"type":"become","user":"U2"}', 'x']) {
      await slack.as('U1').click(message(value), 'Acknowledge')
      expect(await app.read()).toBeUndefined()
    }
  })

  test('the shortcut, as the bare command', async () => {
    await slack.as('U1').shortcut('declare')
    expect(await app.read()).toMatchObject({ kind: 'command', text: '', trigger: expect.any(String) })
  })
})

test('a dialog opens, keeps where it came from, and is answered at once', async () => {
  const { trigger } = await slack.as('U1').command('')
  const inbound = await app.read()
  const deliver = () =>
    app.adapter.platform.deliver(
      app.workspace,
      {
        id: 'd1',
        route: inbound!.reply,
        content: {
          type: 'form',
          trigger,
          form: {
            operation: 'declare',
            title: 'Declare an incident',
            submit: 'Declare',
            fields: [{ name: 'title', label: 'Title', type: 'text' }],
            hidden: { from: 'menu' },
          },
        },
        uncertain: false,
        mentions: {},
      },
      AbortSignal.timeout(5000),
    )
  expect(await deliver()).toEqual({ ok: true })
  expect(await deliver()).toMatchObject({ ok: false, retry: false, gone: 'trigger' })
  const [view] = slack.modals('U1')
  app.other.answer = { ok: false, errors: { title: 'Too short.' }, message: 'Look again.' }
  const wrong = await slack.as('U1').submit(view!, { Title: 'x' })
  expect(wrong.body).toEqual({ response_action: 'errors', errors: { title: 'Too short.' } })
  app.other.answer = { ok: false, errors: { incident: 'is closed' }, message: 'Look again.' }
  await slack.as('U1').submit(view!, { Title: 'x' })
  expect(view!.errors).toEqual({ title: 'is closed' })
  app.other.down = true
  await slack.as('U1').submit(view!, { Title: 'x' })
  expect(view!.errors?.title).toMatch(/^Nothing was saved/)
  app.other.down = false
  app.other.answer = { ok: true }
  expect((await slack.as('U1').submit(view!, { Title: 'Checkout is down' })).body).toEqual({
    response_action: 'clear',
  })
  expect(app.submitted.at(-1)).toMatchObject({
    eventId: `view:${view!.id}:${view!.hash}`,
    inbound: {
      kind: 'submission',
      operation: 'declare',
      values: { title: 'Checkout is down' },
      hidden: { from: 'menu' },
      place: { channel: 'C1', direct: false },
      reply: inbound!.reply,
    },
  })
  expect(slack.modals('U1')).toEqual([])
})
