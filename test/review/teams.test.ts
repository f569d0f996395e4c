import { gzipSync } from 'node:zlib'
import { generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createConnector } from '../../src/adapters/teams/connector.ts'
import { allowedService } from '../../src/adapters/teams/gate.ts'
import { createKeys } from '../../src/adapters/teams/keys.ts'
import { readConfig } from '../../src/config.ts'
import { createLogger } from '../../src/log.ts'
import { type Attack, attackOf, startAttackedWorld, text } from '../teams/attack.ts'
import { finn, ida, type World } from '../teams/world.ts'

let world: World
let teams: World['teams']
let message: Attack['message']
beforeAll(async () => {
  world = await startAttackedWorld()
  teams = world.teams
  ;({ message } = attackOf(teams))
})
afterAll(() => world.close())

describe('a token', () => {
  test('signed by a forger who says where the key is found is refused, and nobody asks there', async () => {
    const own = await generateKeyPair('RS256')
    for (const header of [
      { jku: 'http://127.0.0.1:1/keys' },
      { x5u: 'http://127.0.0.1:1/cert' },
      { kid: '../../known' },
      { kid: '__proto__' },
      { kid: 'constructor' },
    ]) {
      const sent = await teams.send(message(), { change: { key: own.privateKey, header } })
      expect(sent.status).toBe(401)
    }
  })

  test.each([
    ['emulator', 'https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/'],
    ['US government', 'https://api.botframework.us'],
    ['public, with a slash', 'https://api.botframework.com/'],
    ['public, in capitals', 'https://API.botframework.com'],
  ])('of the issuer %s is refused', async (_what, iss) => {
    expect((await teams.send(message(), { change: { claims: { iss } } })).status).toBe(401)
  })

  test('for almost the same serviceUrl is refused', async () => {
    const own = teams.control.serviceUrl
    for (const serviceurl of [
      own.replace(/\/$/, ''),
      own.toUpperCase(),
      `${own}x`,
      ` ${own}`,
      own.replace('emea', 'amer'),
    ])
      expect((await teams.send(message(), { change: { claims: { serviceurl } } })).status).toBe(403)
  })
})

describe('an activity that only looks right', () => {
  test('whose two tenants disagree, or that names none of ours, is refused', async () => {
    for (const id of ['', 'aaaaaaaa-0000-4000-8000-000000000000', `${teams.tenant} `]) {
      expect((await teams.send(message({ channelData: { tenant: { id } } }))).status).toBe(403)
    }
  })

  test('of a program that wears a person’s object id does nothing', async () => {
    const from = { id: '28:another-bot', name: 'Ida Torres', aadObjectId: ida }
    const sent = await teams.send(message({ from, text: 'declare By a program' }))
    await teams.answerTo(sent)
    const rows = await world.tocsin.sql("select 1 from incidents where title = 'By a program'")
    expect(rows).toHaveLength(0)
  })

  test('with ids that Postgres cannot store is a 400, not a failure that comes again', async () => {
    const before = await world.stored()
    const bad = 'x\u0000y'
    for (const change of [
      { id: bad },
      { from: { id: 'x', aadObjectId: bad } },
      { conversation: { id: bad, tenantId: teams.tenant } },
      { channelData: { tenant: { id: teams.tenant }, team: { id: 'x\ud800' } } },
    ])
      expect((await teams.send(message(change))).status, JSON.stringify(change)).toBe(400)
    expect(await world.stored()).toBe(before)
  })

  test('in a conversation with a long name is still told from the next one there', async () => {
    const before = await world.stored()
    const conversation = {
      id: `19:${'x'.repeat(450)}@thread.v2`,
      conversationType: 'groupChat',
      tenantId: teams.tenant,
    }
    const text = '<at>Tocsin</at> list'
    const entities = [{ type: 'mention', text: '<at>Tocsin</at>', mentioned: { id: teams.bot } }]
    for (const id of ['1', '2', '1'])
      expect((await teams.send(message({ conversation, id, text, entities }))).status).toBe(200)
    expect(await world.stored()).toBe(before + 2)
  })
})

describe('an address to answer at', () => {
  const config = (more: Record<string, string> = {}) =>
    readConfig({
      DATABASE_URL: 'postgres://x/y',
      TOCSIN_SECRET: 'a-secret-for-tests-alone',
      HOST: '127.0.0.1',
      TEAMS_APP_ID: teams.appId,
      TEAMS_APP_PASSWORD: 'x',
      TEAMS_TENANT_ID: teams.tenant,
      ...more,
    })

  test.each([
    'https://smba.trafficmanager.net.evil.example/emea/',
    'https://evil.example@smba.trafficmanager.net/',
    'https://smba.trafficmanager.net@evil.example/',
    'https://smba.trafficmanager.net:8443/emea/',
    'http://smba.trafficmanager.net/emea/',
    'https://evil.example\\.smba.trafficmanager.net/',
    'https://evil.example\\@smba.trafficmanager.net/',
    'https://evil.example#smba.trafficmanager.net',
    'https://evil.example/?smba.trafficmanager.net',
    'https://xsmba.trafficmanager.net/',
    'https://botframework.com.evil.example/',
    'https://evilbotframework.com/',
    'https://smba.trafficmanager.net./',
    'https://smbа.trafficmanager.net/',
    'https://127.0.0.1/',
    'https://[::ffff:127.0.0.1]/',
    'https://0x7f000001/',
    'ftp://smba.trafficmanager.net/',
    'javascript:smba.trafficmanager.net',
  ])('%s is none of Microsoft’s', (url) => {
    expect(allowedService(url, config().teams!)).toBe(false)
    expect(allowedService('https://smba.trafficmanager.net/emea/', config().teams!)).toBe(true)
  })

  test('without a gate is only on this machine, and only where this machine alone can ask', () => {
    const { teams: open } = config({ TEAMS_AUTH: 'off' })
    for (const url of ['http://127.0.0.1.evil.example/', 'http://10.0.0.1/', 'http://[::ffff:10.0.0.1]/'])
      expect(allowedService(url, open!)).toBe(false)
    for (const HOST of ['0.0.0.0', '::', '10.0.0.1', 'tocsin.example.com'])
      expect(() => config({ TEAMS_AUTH: 'off', HOST })).toThrow('TEAMS_AUTH')
  })

  test('is not left by an id of dots', async () => {
    const connector = createConnector({
      loginUrl: `${teams.url}/login`,
      tenantId: teams.tenant,
      appId: teams.appId,
      appPassword: teams.password,
      isServiceUrl: () => true,
    })
    const before = teams.calls().length
    for (const user of ['.', '..']) {
      const path = ['conversations', 'x', 'members', user]
      const answer = await connector({ serviceUrl: teams.control.serviceUrl, method: 'GET', path })
      expect(answer).toMatchObject({ ok: false, fault: { status: 404 } })
    }
    expect(teams.calls().length).toBe(before)
  })

  test('one broken key among Microsoft’s keeps out nobody else', async () => {
    teams.issuer.published.unshift({ kty: 'RSA', kid: 'broken', endorsements: ['msteams'] })
    const keys = createKeys(teams.env().TEAMS_OPENID_URL, createLogger('silent'))
    expect((await keys.find('known'))?.endorsements).toContain('msteams')
    expect(await keys.find('broken')).toBeUndefined()
    teams.issuer.published.shift()
  })
})

describe('a chat of two people', () => {
  test('is not the personal chat of either: what is private does not go there', async () => {
    const id = '19:1da00000_71c00000@unq.gbl.spaces'
    const activity = teams.activityOf(
      finn,
      {},
      {
        type: 'invoke',
        name: 'composeExtension/query',
        value: { commandId: 'searchIncidents', parameters: [{ name: 'query', value: 'First' }] },
        conversation: { id, conversationType: 'personal', tenantId: teams.tenant },
      },
    )
    expect((await teams.send(activity)).status).toBe(200)
    const rows = await world.tocsin.sql(
      "select 1 from conversation_references where conversation = $1 and type = 'personal'",
      [id],
    )
    expect(rows).toHaveLength(0)
  })
})

describe('a body that is wrapped in something', () => {
  test.each([
    ['gzip', { 'content-encoding': 'gzip' }, (body: string) => gzipSync(body), 400],
    [
      'UTF-16',
      { 'content-type': 'application/json; charset=utf-16' },
      (body: string) => Buffer.from(body, 'utf16le'),
      400,
    ],
    ['almost JSON', { 'content-type': 'application/jsonx' }, (body: string) => Buffer.from(body), 415],
    [
      'a form',
      { 'content-type': 'multipart/form-data; x=application/json' },
      (body: string) => Buffer.from(body),
      415,
    ],
    ['JSON in capitals', { 'content-type': 'Application/JSON' }, (body: string) => Buffer.from(body), 200],
  ])('%s is answered shortly', async (_what, headers, wrap, status) => {
    const activity = message()
    const response = await fetch(`${world.tocsin.url}/api/messages`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${await teams.issuer.token(teams.control.serviceUrl)}`,
        ...headers,
      },
      body: new Uint8Array(wrap(JSON.stringify(activity))),
    })
    expect(response.status).toBe(status)
    expect((await response.text()).length).toBeLessThan(200)
  })
})

describe('while the database is slow', () => {
  test('a press is answered before Teams gives up', async () => {
    const pool = world.tocsin.sql
    const locked = pool(
      'do $$ begin lock table conversation_references in access exclusive mode; perform pg_sleep(9); end $$',
    )
    await new Promise((done) => setTimeout(done, 100))
    const place = { group: '19:slow@thread.v2' }
    const sent = await teams.as(ida).invoke(
      'adaptiveCard/action',
      {
        action: {
          type: 'Action.Execute',
          verb: 'x',
          data: { action: { type: 'perform', operation: 'acknowledge', input: { incident: 'INC-001' } } },
        },
      },
      place,
    )
    expect(sent.ms).toBeLessThan(9500)
    expect(sent.status).toBe(200)
    expect(text(sent.body)).toContain('longer than usual')
    await locked
  })
})
