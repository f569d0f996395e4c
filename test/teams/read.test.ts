import { describe, expect, test } from 'vitest'
import { activityShape } from '../../src/adapters/teams/activity.ts'
import { messageText, wordsOfHtml } from '../../src/adapters/teams/message-text.ts'
import { fromMessage } from '../../src/adapters/teams/translate.ts'

const bot = { id: '28:app', name: 'Tocsin' }
const tocsin = { type: 'mention', text: '<at>Tocsin</at>', mentioned: bot }

const activity = (fields: Record<string, unknown> = {}) =>
  activityShape.parse({
    type: 'message',
    id: '1700',
    channelId: 'msteams',
    serviceUrl: 'https://smba.trafficmanager.net/emea/',
    from: { id: '29:ida', name: 'Ida', aadObjectId: 'aad-ida' },
    recipient: bot,
    conversation: { id: 'a:1', conversationType: 'personal', tenantId: 't1' },
    channelData: { tenant: { id: 't1' } },
    ...fields,
  })
const inChannel = (fields: Record<string, unknown> = {}) =>
  activity({
    conversation: { id: '19:c@thread.tacv2;messageid=99', conversationType: 'channel', tenantId: 't1' },
    text: '<at>Tocsin</at> list',
    entities: [tocsin],
    ...fields,
  })

describe('what was typed', () => {
  test.each([
    ['plain words', 'declare Checkout is down', 'declare Checkout is down'],
    ['non-breaking spaces', 'declare&nbsp;Checkout\u00a0is down&nbsp;', 'declare Checkout is down'],
    ['formatting', '<p>declare <b>Checkout</b> is <i>down</i></p>\r\n', 'declare Checkout is down'],
    ['paragraphs', '<p>one</p><p>two</p>', 'one\n\ntwo'],
    ['breaks', 'one<br>two<br/>three', 'one\ntwo\nthree'],
    ['entities', 'a &lt; b &amp;&amp; c &gt; d &#39;x&#x27; &quot;', "a < b && c > d 'x' \""],
    ['an entity that was typed', '&amp;nbsp;', '&nbsp;'],
    ['what only looks like a tag', 'if x <y and y> z, say <hello>', 'if x <y and y> z, say <hello>'],
    ['a link', '<a href="https://example.com/x?y=1">the page</a>', 'the page'],
    ['an invisible mark', '\ufeffde\u200bclare', 'declare'],
    ['an unknown entity', '&bogus; &#0; &#xffffff;', '&bogus; &#0; &#xffffff;'],
  ])('is read with %s', (_what, html, words) => {
    expect(wordsOfHtml(html)).toBe(words)
  })

  test('has no mention of the bot left, wherever it stood', () => {
    for (const text of [
      '<at>Tocsin</at> list',
      '<at>Tocsin</at>, list',
      ' <at>Tocsin</at>: list',
      'list <at>Tocsin</at>',
    ])
      expect(messageText(inChannel({ text }))).toBe('list')
  })

  test('keeps the mention of a person, by the id that they speak under', () => {
    const ivo = {
      type: 'mention',
      text: '<at>Ivo Lang</at>',
      mentioned: { id: '29:ivo', aadObjectId: 'aad-ivo' },
    }
    const olga = { type: 'mention', text: '<at>Olga</at>', mentioned: { id: '8:orgid:aad-olga' } }
    const text = '<at>Tocsin</at> assign INC-001 <at>Ivo Lang</at>&nbsp;<at>Olga</at>'
    expect(messageText(inChannel({ text, entities: [tocsin, ivo, olga] }))).toBe(
      'assign INC-001 <@aad-ivo> <@aad-olga>',
    )
  })

  test('is not confused by marks of its own inside', () => {
    const ivo = { type: 'mention', text: '<at>Ivo</at>', mentioned: { id: '29:ivo' } }
    expect(messageText(inChannel({ text: '\ue0000\ue001 <at>Ivo</at>', entities: [tocsin, ivo] }))).toBe(
      '0 <@29:ivo>',
    )
  })
})

describe('a message', () => {
  test('in a personal chat is for the bot, and answered there', () => {
    expect(fromMessage(activity({ text: 'list' }))).toMatchObject({
      kind: 'message',
      text: 'list',
      message: '1700',
      user: 'aad-ida',
      place: { channel: 'a:1', direct: true },
      reply: { type: 'person', user: 'aad-ida' },
    })
  })

  test('in a channel belongs to its thread, without which it begins one', () => {
    expect(fromMessage(inChannel())).toMatchObject({
      place: { channel: '19:c@thread.tacv2', thread: '99', direct: false },
      reply: { type: 'channel', channel: '19:c@thread.tacv2', thread: '99' },
    })
    const conversation = { id: '19:c@thread.tacv2', conversationType: 'channel' }
    expect(fromMessage(inChannel({ conversation }))).toMatchObject({ reply: { thread: '1700' } })
  })

  test('in a group chat has no thread', () => {
    const conversation = { id: '19:g@thread.v2', conversationType: 'groupChat' }
    const read = fromMessage(inChannel({ conversation }))
    expect(read?.place).toMatchObject({ channel: '19:g@thread.v2', direct: false })
    expect(read?.reply).toEqual({ type: 'channel', channel: '19:g@thread.v2', thread: undefined })
  })

  test('that does not mention the bot, or is the bot’s own, is for nobody', () => {
    expect(fromMessage(inChannel({ entities: [], text: 'list' }))).toBeUndefined()
    expect(
      fromMessage(inChannel({ entities: [{ ...tocsin, mentioned: { id: '28:other' } }] })),
    ).toBeUndefined()
    expect(fromMessage(activity({ from: bot, text: 'list' }))).toBeUndefined()
    expect(fromMessage(activity({ type: 'messageUpdate', text: 'list' }))).toBeUndefined()
  })

  test('of a program or of another tenant is a foreigner’s', () => {
    expect(fromMessage(activity({ text: 'list' }))?.foreign).toBeUndefined()
    expect(fromMessage(activity({ text: 'list', from: { id: '28:x', role: 'bot' } }))?.foreign).toBe(true)
    expect(fromMessage(activity({ text: 'list', from: { id: '29:x', tenantId: 't2' } }))?.foreign).toBe(true)
  })

  test('in a shared channel is read as if outsiders listened', () => {
    const channelData = { tenant: { id: 't1' }, channel: { id: '19:c', type: 'shared' } }
    expect(fromMessage(inChannel({ channelData }))?.place.sharedOutside).toBe(true)
    expect(fromMessage(inChannel())?.place.sharedOutside).toBeUndefined()
  })

  test('is a personal chat’s only where Teams says so: others may read elsewhere', () => {
    const conversation = { id: 'a:1' }
    expect(fromMessage(activity({ conversation, text: 'list' }))).toBeUndefined()
  })

  test('that a plain submit button sent is that button', () => {
    const action = { type: 'perform', operation: 'acknowledge', input: { incident: 'INC-001' } }
    expect(
      fromMessage(inChannel({ text: undefined, entities: [], value: { action }, replyToId: '55' })),
    ).toMatchObject({
      kind: 'action',
      action,
      message: { channel: '19:c@thread.tacv2', message: '55', thread: '99' },
    })
  })
})
