import { afterAll, beforeAll, expect, test } from 'vitest'
import { conversationReferences } from '../../src/core/conversation-references.ts'
import { inOrg } from '../../src/db/pool.ts'
import { createWorld, type World } from '../people/support.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())

const personal = {
  conversation: 'a:ida',
  type: 'personal',
  serviceUrl: 'https://smba.trafficmanager.net/emea/',
  user: 'aad-ida',
} as const

test('a conversation is found by its id and by its person, and keeps one row however often it speaks', async () => {
  const references = conversationReferences(world.db)
  await references.remember(world.teams, personal)
  await references.remember(world.teams, personal)
  expect(await references.find(world.teams, 'a:ida')).toEqual(personal)
  expect(await references.findPersonal(world.teams, 'aad-ida')).toEqual(personal)
  expect(await references.findPersonal(world.teams, 'aad-ivo')).toBeUndefined()
  expect(await world.owner.selectFrom('conversation_references').selectAll().execute()).toHaveLength(1)
})

test('a changed service url takes the place of the old one, and a team once known stays', async () => {
  const references = conversationReferences(world.db)
  const channel = { conversation: '19:c@thread.tacv2', type: 'channel', team: '19:team' } as const
  await references.remember(world.teams, { ...channel, serviceUrl: 'https://smba.trafficmanager.net/emea/' })
  await references.remember(world.teams, {
    conversation: channel.conversation,
    type: 'channel',
    serviceUrl: 'https://smba.trafficmanager.net/uk/',
  })
  expect(await references.find(world.teams, channel.conversation)).toEqual({
    ...channel,
    serviceUrl: 'https://smba.trafficmanager.net/uk/',
  })
  const [newest] = await references.newest(world.teams, { most: 1 })
  expect(newest?.conversation).toBe(channel.conversation)
  const shared = await references.newest(world.teams, { most: 5, types: ['channel', 'groupChat'] })
  expect(shared.map(({ conversation }) => conversation)).toEqual([channel.conversation])
})

test('where the bot was removed it speaks no more: one conversation, or a team with all its channels', async () => {
  const references = conversationReferences(world.db)
  const serviceUrl = 'https://smba.trafficmanager.net/emea/'
  for (const conversation of ['19:a@thread.tacv2', '19:b@thread.tacv2'])
    await references.remember(world.teams, { conversation, type: 'channel', serviceUrl, team: 'T-gone' })
  await references.remember(world.teams, personal)
  await references.forget(world.teams, { team: 'T-gone' })
  expect(await references.find(world.teams, '19:a@thread.tacv2')).toBeUndefined()
  expect(await references.find(world.teams, '19:b@thread.tacv2')).toBeUndefined()
  await references.forget(world.teams, { conversation: 'a:ida' })
  expect(await references.findPersonal(world.teams, 'aad-ida')).toBeUndefined()
  expect(await references.find(world.teams, '19:c@thread.tacv2')).toBeDefined()
})

test('another organisation sees none of them, and can write none', async () => {
  const references = conversationReferences(world.db)
  await references.remember(world.teams, personal)
  const elsewhere = '00000000-0000-7000-8000-00000000beef'
  const rows = await inOrg(world.db, elsewhere, ({ tx }) =>
    tx.selectFrom('conversation_references').selectAll().execute(),
  )
  expect(rows).toEqual([])
  await expect(references.remember({ ...world.teams, orgId: elsewhere }, personal)).rejects.toThrow()
})
