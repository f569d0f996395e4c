import { exportSPKI, generateKeyPair } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { TokenChange } from '../support/teams-issuer.ts'
import type { Json } from '../support/teams-stand-in.ts'
import { expectRefused, forgedMessage, type Sending, startGatedWorld } from './forged.ts'
import type { World } from './world.ts'

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
