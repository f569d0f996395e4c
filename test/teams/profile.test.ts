import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { profileOf } from '../../src/adapters/teams/profile.ts'
import { channel, startOutgoing } from './outgoing.ts'

let out: Awaited<ReturnType<typeof startOutgoing>>
beforeAll(async () => {
  out = await startOutgoing()
  out.teams.addUser({ id: 'aad-guest', name: 'Gina Guest', email: 'gina@example.com', userRole: 'guest' })
  out.teams.addUser({ id: 'aad-anon', name: 'Somebody', userRole: 'anonymous' })
  out.teams.addUser({ id: 'aad-far', name: 'Fay Far', email: 'fay@far.example', tenant: 'far' })
})
afterAll(() => out.close())
afterEach(() => out.teams.heal())

const profile = (user: string, by = out.platform) => by.profile(out.workspace, user)

describe('who somebody is, Teams itself says', () => {
  test('a member, with the address of the directory, asked for once', async () => {
    await out.heard(channel, 'aad-ida')
    const before = out.teams.calls('members').length
    expect(await profile('aad-ida')).toEqual({
      user: 'aad-ida',
      name: 'Ida Torres',
      email: 'ida@example.com',
      kind: 'member',
    })
    await profile('aad-ida')
    const asked = out.teams.calls('members').slice(before)
    expect(asked.map(({ path }) => decodeURIComponent(path))).toEqual([
      `/emea/v3/conversations/${channel}/members/aad-ida`,
    ])
  })

  test.each([
    ['a guest', 'aad-guest', 'guest'],
    ['an anonymous visitor of a meeting', 'aad-anon', 'guest'],
    ['a federated user', 'aad-far', 'foreign'],
    ['a bot', '28:some-bot', 'bot'],
  ])('%s has no role, and no address', async (_what, user, kind) => {
    await out.heard(channel, user)
    const found = await profile(user)
    expect(found.kind).toBe(kind)
    expect(found.email).toBeUndefined()
  })

  test('nobody, where no roster knows them; asked again once they speak', async () => {
    expect(await profile('aad-late')).toEqual({ user: 'aad-late', name: 'aad-late', kind: 'unknown' })
    out.teams.addUser({ id: 'aad-late', name: 'Lee Late', email: 'lee@example.com' })
    await out.heard(channel, 'aad-late')
    expect(await profile('aad-late')).toMatchObject({ kind: 'member', name: 'Lee Late' })
  })

  test('after a restart, from the conversations that are stored', async () => {
    expect(await profile('aad-ivo', out.start().platform)).toMatchObject({ kind: 'member', name: 'Ivo Lang' })
  })

  test('and where it cannot say, that is said, with when to ask again', async () => {
    const { platform } = out.start()
    out.teams.fail('members', { type: 'status', status: 429, retryAfter: 4 })
    await expect(profile('aad-ida', platform)).rejects.toMatchObject({
      kind: 'unavailable',
      detail: { afterMs: 4000 },
    })
    out.teams.fail('members', { type: 'status', status: 500 })
    await expect(profile('aad-ida', platform)).rejects.toMatchObject({ kind: 'unavailable' })
    expect(await profile('aad-ida', platform)).toMatchObject({ kind: 'member' })
  })
})

test('without a tenant of our own, in the local client, nobody is of another', () => {
  expect(profileOf({ tenantId: 'any', userRole: 'user' }, 'U', undefined).kind).toBe('member')
})

test.each([
  ['an answer about somebody else', { aadObjectId: 'aad-eve', name: 'Eve', tenantId: 'T' }, 'unknown'],
  ['another tenant', { aadObjectId: 'U', tenantId: 'other', userRole: 'user' }, 'foreign'],
  ['a guest by their principal name', { tenantId: 'T', userPrincipalName: 'g_far.example#EXT#@t' }, 'guest'],
  ['a role that is new', { tenantId: 'T', userRole: 'skill' }, 'unknown'],
  ['letters of another case', { aadObjectId: 'u', tenantId: 't', userRole: 'User' }, 'member'],
  ['a tenant that cannot be read', { aadObjectId: 5, tenantId: {} }, 'foreign'],
  ['a role that cannot be read', { tenantId: 'T', userRole: [] }, 'unknown'],
])('%s', (_what, member, kind) => {
  expect(profileOf(member, 'U', 'T').kind).toBe(kind)
})
