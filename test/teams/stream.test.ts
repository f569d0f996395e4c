import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { card, channel, startOutgoing } from './outgoing.ts'

let out: Awaited<ReturnType<typeof startOutgoing>>
let own: string
beforeAll(async () => {
  out = await startOutgoing()
  own = out.teams.directOf('aad-ida')
  await out.heard(own)
  await out.heard(channel)
})
afterAll(() => out.close())
afterEach(() => {
  out.teams.heal()
  out.teams.state.typing.length = 0
  out.teams.state.messages.length = 0
})

const begin = async (place = own) =>
  (await out.platform.stream!(out.workspace, { channel: place, user: 'aad-ida' }))!
const growing = (text: string) =>
  out.teams.waitFor(() => out.teams.state.typing.find(({ activity }) => activity.text === text))

test('an answer grows by the protocol of Teams and ends as a card in one message', async () => {
  const stream = await begin()
  stream.append('Three ')
  await growing('Three ')
  stream.append('are open <at>all</at>')
  await growing('Three are open <\u200bat>all<\u200b/at>')
  const receipt = await stream.finish(card('Three are open: INC-001, INC-002, INC-003'))
  const info = out.teams.state.typing.map(({ activity }) => activity.entities as object[])
  const { message } = receipt!
  expect(receipt).toMatchObject({ channel: own })
  const [, streamId] = info.map(([entity]) => (entity as { streamId?: string }).streamId)
  expect(info).toEqual([
    [{ type: 'streaminfo', streamType: 'streaming', streamSequence: 1 }],
    [{ type: 'streaminfo', streamType: 'streaming', streamSequence: 2, streamId }],
  ])
  expect(streamId).toBe(message)
  const final = out.teams.calls('send').at(-1)!.body
  expect(final).toMatchObject({
    type: 'message',
    text: 'Three are open <\u200bat>all<\u200b/at>',
    entities: [{ type: 'streaminfo', streamType: 'final', streamId }],
  })
  expect(out.teams.textOf(out.teams.calls('update').at(-1)!.body)).toContain('INC-002')
})

test('nobody who shares a conversation sees it grow', async () => {
  expect(await out.platform.stream!(out.workspace, { channel, user: 'aad-ida' })).toBeUndefined()
  const theirs = out.teams.directOf('aad-ivo')
  expect(await out.platform.stream!(out.workspace, { channel: theirs, user: 'aad-ida' })).toBeUndefined()
})

test('where streams are not offered, one message is changed', async () => {
  const stream = await begin()
  out.teams.fail('send', { type: 'status', status: 403, code: 'ContentStreamNotAllowed' })
  stream.append('Three are open')
  await out.teams.waitFor(() => out.teams.messages(own).length === 1)
  const receipt = await stream.finish(card('Three are open: INC-001'))
  const [message] = out.teams.messages(own)
  expect(receipt).toEqual({ channel: own, message: message?.id })
  expect(out.teams.textOf(message!)).toBe('Three are open: INC-001')
  expect(out.teams.messages(own)).toHaveLength(1)
})

test('what cannot be finished is taken away, and sent anew by its delivery', async () => {
  const stream = await begin()
  out.teams.fail('send', { type: 'status', status: 403, code: 'ContentStreamNotAllowed' })
  stream.append('Half an')
  await out.teams.waitFor(() => out.teams.messages(own).length === 1)
  out.teams.fail('update', { type: 'status', status: 403, code: 'MessageWritesBlocked' }, 2)
  expect(await stream.finish(card('whole'))).toBeUndefined()
  expect(out.teams.messages(own)).toEqual([])
})

test('an answer without words leaves nothing behind', async () => {
  const stream = await begin()
  expect(await stream.finish(card('nothing streamed'))).toBeUndefined()
  expect(out.teams.messages(own)).toEqual([])
})

test('while an answer is worked on, the typing indicator shows', async () => {
  await out.platform.status!(out.workspace, { channel, thread: '17' }, 'is looking into it')
  expect(out.teams.state.typing).toMatchObject([
    { conversation: `${channel};messageid=17`, activity: { type: 'typing' } },
  ])
})
