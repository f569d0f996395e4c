import { exportSPKI, generateKeyPair } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { TokenChange } from '../support/teams-issuer.ts'
import type { Json } from '../support/teams-stand-in.ts'
import { ida, startTeamsWorld, type World } from './world.ts'

let world: World
let teams: World['teams']
let before = 0
beforeAll(async () => {
  world = await startTeamsWorld()
  teams = world.teams
  // The keys are fetched when they are first needed: the figures below are of a program that has them.
  await teams.as(ida).say('help')
})
beforeEach(async () => {
  before = await world.stored()
})
afterAll(() => world.close())

const message = (fields: Json = {}): Json =>
  teams.activityOf(ida, {}, { type: 'message', text: 'declare Forged', ...fields })

const refused = async (
  activity: Json,
  options: { token?: string | null; change?: TokenChange },
  status?: number,
) => {
  const sent = await teams.send(activity, options)
  if (status) expect(sent.status).toBe(status)
  else expect([401, 403]).toContain(sent.status)
  expect(String(sent.body).length).toBeLessThan(200)
  expect(sent.ms).toBeLessThan(500)
  expect(await world.stored()).toBe(before)
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('a token', () => {
  test('as Microsoft makes it is let in', async () => {
    expect((await teams.send(message())).status).toBe(200)
    expect(await world.stored()).toBe(before + 1)
  })

  const changes: [string, TokenChange, number?][] = [
    ['from another issuer', { claims: { iss: 'https://sts.windows.net/x/' } }, 401],
    ['without an issuer', { claims: { iss: undefined } }, 401],
    ['for another app', { claims: { aud: '00000000-0000-0000-0000-000000000000' } }, 401],
    ['for no app', { claims: { aud: undefined } }, 401],
    ['for nobody in particular', { claims: { aud: [] } }, 401],
    ['that expired ten minutes ago', { expires: -600 }, 401],
    ['that never expires', { claims: { exp: undefined } }, 401],
    ['whose expiry is no number', { claims: { exp: 'never' } }, 401],
    ['that begins in ten minutes', { notBefore: 600 }, 401],
    ['for another serviceUrl', { claims: { serviceurl: 'https://smba.trafficmanager.net/amer/' } }, 403],
    ['for no serviceUrl', { claims: { serviceurl: undefined } }, 401],
    ['whose serviceUrl is a list', { claims: { serviceurl: ['x'] } }, 403],
    ['that names no key', { header: { kid: undefined } }, 401],
    ['that names an odd key', { header: { kid: 7 } as Record<string, unknown> }, 401],
    ['that demands what we do not know', { header: { crit: ['x'], x: 1 } }, 401],
  ]
  test.each(changes)('%s is refused', async (_what, change, status) => {
    // Some of these a careful library does not make: they are signed by hand.
    const odd = change.header?.crit || typeof change.header?.kid === 'number'
    const token = odd ? await byHand(change) : undefined
    await refused(message(), token ? { token } : { change }, status)
  })

  /** A good token whose header is replaced: its signature no longer fits, as a forger's would not. */
  const byHand = async (change: TokenChange) => {
    const good = (await teams.issuer.token(teams.control.serviceUrl)).split('.')
    return [encode({ alg: 'RS256', kid: 'known', ...change.header }), good[1], good[2]].join('.')
  }

  test.each([
    ['four minutes past its end', { expires: -240 }],
    ['four minutes before its beginning', { notBefore: 240 }],
  ])('%s is let in: clocks differ', async (_when, change) => {
    expect((await teams.send(message(), { change })).status).toBe(200)
  })

  test('signed by a key of the forger is refused', async () => {
    const own = await generateKeyPair('RS256')
    await refused(message(), { change: { key: own.privateKey } }, 401)
    await refused(message(), { change: { key: own.privateKey, header: { jwk: { kty: 'RSA' } } } }, 401)
  })

  test('signed with the public key as if it were a secret is refused', async () => {
    const secret = new TextEncoder().encode(await exportSPKI(teams.issuer.publicKey))
    await refused(message(), { change: { key: secret, alg: 'HS256' } }, 401)
  })

  test('with another algorithm, or none, is refused', async () => {
    const [, claims] = (await teams.issuer.token(teams.control.serviceUrl)).split('.')
    for (const alg of ['none', 'None', 'NONE', '', 'HS256', 'RS384'])
      for (const signature of ['', 'AAAA'])
        await refused(
          message(),
          { token: `${encode({ alg, kid: 'known', typ: 'JWT' })}.${claims}.${signature}` },
          401,
        )
    const stronger = await generateKeyPair('RS512')
    await refused(message(), { change: { key: stronger.privateKey, alg: 'RS512' } }, 401)
  })

  test('whose claims were changed after it was signed is refused', async () => {
    const [header, , signature] = (await teams.issuer.token(teams.control.serviceUrl)).split('.')
    const claims = { iss: 'https://api.botframework.com', aud: teams.appId, exp: 4_000_000_000 }
    await refused(message(), { token: `${header}.${encode(claims)}.${signature}` }, 401)
  })

  test('signed by a key that is not endorsed for Teams is refused', async () => {
    await refused(
      message(),
      { change: { key: teams.issuer.unendorsedKey, header: { kid: 'unendorsed' } } },
      403,
    )
  })

  test.each([
    ['missing', null],
    ['empty', ''],
    ['garbage', 'garbage'],
    ['three empty parts', '..'],
    ['three parts of nothing', 'a.b.c'],
    ['JSON of the wrong kind', `${encode(7)}.${encode(null)}.AAAA`],
    ['ten thousand characters long', `${'a'.repeat(5000)}.${'b'.repeat(5000)}.c`],
  ])('that is %s is refused', async (_what, token) => {
    await refused(message(), { token }, 401)
  })

  test('of another scheme is refused', async () => {
    const good = await teams.issuer.token(teams.control.serviceUrl)
    for (const authorization of [`Basic ${good}`, good, `Bearer ${good} ${good}`, `Bearer  `]) {
      const response = await fetch(`${world.tocsin.url}/api/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization },
        body: JSON.stringify(message()),
      })
      expect(response.status).toBe(401)
    }
  })

  test('signed by a key that Microsoft has just published is let in', async () => {
    const key = await teams.issuer.rotate('new')
    const sent = await teams.send(message(), { change: { key, header: { kid: 'new' } } })
    expect(sent.status).toBe(200)
  })

  test('with an unknown key, many times, makes us ask Microsoft at most once a minute', async () => {
    const own = await generateKeyPair('RS256')
    const asked = teams.calls('keys').length
    for (let index = 0; index < 20; index += 1)
      await refused(message(), { change: { key: own.privateKey, header: { kid: `unknown-${index}` } } }, 401)
    expect(teams.calls('keys').length - asked).toBeLessThanOrEqual(1)
  })
})

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
