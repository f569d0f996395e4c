import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Outgoing, Receipt, Route } from '../../src/ports/platform.ts'
import { card, channel, groupChat, inChannel, startOutgoing } from './outgoing.ts'

let out: Awaited<ReturnType<typeof startOutgoing>>
beforeAll(async () => {
  out = await startOutgoing()
  await out.heard(channel)
})
afterAll(() => out.close())
afterEach(() => out.teams.heal())

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
