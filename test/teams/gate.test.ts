import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Json } from '../support/teams-stand-in.ts'
import { expectRefused, forgedMessage, type Sending, startGatedWorld } from './forged.ts'
import { ida, type World } from './world.ts'

let world: World
let teams: World['teams']
let before = 0
beforeAll(async () => {
  world = await startGatedWorld()
  teams = world.teams
})
beforeEach(async () => {
  before = await world.stored()
})
afterAll(() => world.close())

const message = (fields: Json = {}) => forgedMessage(teams, fields)
const refused = (activity: Json, options: Sending, status?: number) =>
  expectRefused(world, before, activity, options, status)

describe('an activity that does not fit its token', () => {
  const changed = (change: (activity: Json) => void): Json => {
    const activity = message()
    change(activity)
    return activity
  }

  test('from another tenant is refused', async () => {
    const other = { id: 'aaaaaaaa-0000-4000-8000-000000000000' }
    await refused(message({ channelData: { tenant: other } }), {}, 403)
    await refused(
      changed((each) => Object.assign(each.conversation as Json, { tenantId: other.id })),
      {},
      403,
    )
  })

  test('from no tenant is refused', async () => {
    const nowhere = changed((each) => {
      each.channelData = {}
      ;(each.conversation as Json).tenantId = undefined
    })
    await refused(nowhere, {}, 403)
  })

  test('from another channel than Teams is refused', async () => {
    for (const channelId of ['emulator', 'webchat', 'directline', 'MSTeams'])
      await refused(message({ channelId }), {}, 403)
  })

  test('to be answered at a host that is not on the list is refused, though it is signed for it', async () => {
    const hosts = [
      'http://127.0.0.1:1/',
      'https://evil.example/',
      'http://169.254.169.254/',
      'file:///etc/passwd',
    ]
    for (const serviceUrl of [
      ...hosts,
      `http://${teams.host}@evil.example/`,
      'https://smba.trafficmanager.net/x/',
      'x',
    ])
      await refused(message({ serviceUrl }), {}, 403)
  })
})

describe('a signed but unusable body', () => {
  const post = async (body: string | Uint8Array<ArrayBuffer>, type = 'application/json') => {
    const started = performance.now()
    const response = await fetch(`${world.tocsin.url}/api/messages`, {
      method: 'POST',
      headers: {
        'content-type': type,
        authorization: `Bearer ${await teams.issuer.token(teams.control.serviceUrl)}`,
      },
      body,
    })
    const text = await response.text()
    expect(performance.now() - started).toBeLessThan(500)
    expect(text.length).toBeLessThan(200)
    return response.status
  }

  test.each([
    ['no JSON', '{"type":', 400],
    ['a list', '[]', 400],
    ['empty', '', 400],
    ['nested a hundred thousand deep', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, 400],
    ['over a megabyte', JSON.stringify({ text: 'x'.repeat(1_100_000) }), 413],
  ])('that is %s gets a short reason', async (_what, body, status) => {
    expect(await post(body)).toBe(status)
  })

  test('that is not UTF-8, or not said to be JSON, gets a short reason', async () => {
    expect(await post(new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]))).toBe(400)
    expect(await post(JSON.stringify(message()), 'text/plain')).toBe(415)
  })

  test('with wrong types in it gets a short reason', async () => {
    for (const fields of [
      { type: 7 },
      { type: undefined },
      { from: 'Ida' },
      { from: { id: { $ne: null } } },
      { from: { id: 'x', aadObjectId: ['x'] } },
      { conversation: undefined },
      { conversation: { id: 'x'.repeat(10_000) } },
      { recipient: null },
      { text: { toString: 'x' } },
      { serviceUrl: 7 },
      { channelData: 'x' },
      { entities: 'x' },
    ])
      expect(await post(JSON.stringify({ ...message(), ...fields }))).toBe(400)
    expect(await world.stored()).toBe(before)
  })
})

describe('what we do not handle', () => {
  test('as an invoke is answered with 501', async () => {
    for (const name of [
      'signin/verifyState',
      'fileConsent/invoke',
      'novel',
      '__proto__',
      'composeExtension/queryLink',
    ])
      expect((await teams.as(ida).invoke(name, {})).status).toBe(501)
    expect((await teams.send(message({ type: 'invoke', name: undefined }))).status).toBe(501)
  })

  test('as an activity is taken and left alone', async () => {
    for (const type of [
      'typing',
      'messageReaction',
      'messageUpdate',
      'messageDelete',
      'event',
      'endOfConversation',
      'novel',
    ])
      expect((await teams.send(message({ type }))).status).toBe(200)
    expect(await world.stored()).toBe(before)
  })

  test('as an invoke with a wrong value is a 400, never a crash', async () => {
    const names = [
      'adaptiveCard/action',
      'task/fetch',
      'task/submit',
      'composeExtension/fetchTask',
      'composeExtension/submitAction',
    ]
    const values = [
      undefined,
      null,
      7,
      'x',
      [],
      {},
      { data: 7 },
      { action: 'x' },
      { action: { type: 'Action.Execute' } },
    ]
    for (const name of names)
      for (const value of values) {
        const { status } = await teams.as(ida).invoke(name, value)
        // An Action.Execute that is none is nobody's.
        expect([400, 501], `${name} ${JSON.stringify(value)}`).toContain(status)
      }
    expect((await teams.as(ida).invoke('composeExtension/query', 7)).status).toBe(400)
    expect(await world.stored()).toBe(before)
  })
})
