import { gzipSync } from 'node:zlib'
import { generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TeamsActivity } from '../../src/adapters/teams/activity.ts'
import { createConnector } from '../../src/adapters/teams/connector.ts'
import { allowedService } from '../../src/adapters/teams/gate.ts'
import { createKeys } from '../../src/adapters/teams/keys.ts'
import { messageText, wordsOfHtml } from '../../src/adapters/teams/message-text.ts'
import { readConfig } from '../../src/config.ts'
import { createLogger } from '../../src/log.ts'
import { adaptiveCard } from '../../src/messages/adaptive-card.ts'
import type { Json } from '../support/teams-stand-in.ts'
import { finn, ida, incidents, startTeamsWorld, vic, type World } from '../teams/world.ts'

let world: World
let teams: World['teams']
beforeAll(async () => {
  world = await startTeamsWorld()
  teams = world.teams
  await teams.answerTo(await teams.as(ida).say('declare First of all'))
})
afterAll(() => world.close())

const message = (fields: Json = {}): Json =>
  teams.activityOf(ida, {}, { type: 'message', text: 'list', ...fields })
const press = (user: string, action: unknown, verb = 'x') =>
  teams.as(user).invoke('adaptiveCard/action', {
    action: { type: 'Action.Execute', verb, data: { action } },
    trigger: 'manual',
  })
const submit = (user: string, operation: string, fields: Json, hidden: Json = {}, place = {}) =>
  teams.as(user).invoke('task/submit', { data: { ...fields, form: { operation, hidden } } }, place)
const text = (body: unknown) => JSON.stringify(body)

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

describe('text that is made to hurt', () => {
  test.each([
    ['spaces', ' '.repeat(100_000)],
    ['non-breaking spaces', '&nbsp;'.repeat(100_000)],
    ['tags that never end', '<a '.repeat(100_000)],
    ['breaks that never end', `<br${' '.repeat(100_000)}`],
    ['line ends', '\n \t'.repeat(100_000)],
  ])('%s by the hundred thousand do not hold anybody up', (_what, words) => {
    const started = performance.now()
    wordsOfHtml(`x${words}x`)
    expect(performance.now() - started).toBeLessThan(300)
  })

  test('a message full of spaces is worked while others are served', async () => {
    const sent = await teams.as(vic).say(`show INC-001 ${' '.repeat(90_000)} x`)
    expect(sent.status).toBe(200)
    const started = performance.now()
    await fetch(`${world.tocsin.url}/healthz`)
    await teams.answerTo(sent)
    expect(performance.now() - started).toBeLessThan(2500)
  })

  test('mentions that stand for each other do not grow', () => {
    const entities = Array.from({ length: 499 }, (_, index) => ({
      type: 'mention',
      text: String(index % 10),
      mentioned: { id: `29:${index}` },
    }))
    const activity = { ...message({ text: 'list 0123456789', entities }) } as unknown as TeamsActivity
    expect(messageText(activity).length).toBeLessThan(100_000)
  })

  test.each(['{', '<', '{{DATE(', '<at>', '\u200b', '&', 'a b '])(
    'a card full of %s is drawn in time',
    (part) => {
      const words = part.repeat(60_000)
      const started = performance.now()
      const card = adaptiveCard(
        {
          summary: words,
          blocks: [
            { type: 'heading', text: words },
            { type: 'text', text: words },
            { type: 'code', text: words },
          ],
        },
        { mentions: {}, teams: true },
      )
      expect(performance.now() - started).toBeLessThan(500)
      expect(Buffer.byteLength(JSON.stringify(card))).toBeLessThanOrEqual(28_000)
    },
  )

  test('half a character written as an entity is cleaned, not crashed on', async () => {
    const sent = await teams.as(ida).say('declare Half &#xd800; of it')
    const answer = await teams.answerTo(sent)
    expect(teams.textOf(answer)).toContain('INC-')
  })

  test('what Postgres cannot store is cleaned or refused in words by every invoke', async () => {
    for (const odd of ['a\u0000b', 'a\ud800b']) {
      const declared = await submit(ida, 'create_incident', { title: `Odd ${odd}` })
      expect(declared.status).toBe(200)
      expect(text(declared.body)).not.toContain('unavailable')
      const found = await teams.as(ida).query(`Odd ${odd}`)
      expect(found.status).toBe(200)
      for (const action of [
        { type: 'perform', operation: 'acknowledge', input: { incident: odd } },
        { type: 'perform', operation: 'comment', input: { incident: 'INC-001', text: odd } },
        { type: 'share', answer: odd },
        { type: 'share', answer: 'not-an-id' },
        { type: 'perform', operation: odd, input: {} },
      ]) {
        const sent = await press(ida, action)
        expect(sent.status).toBe(200)
        expect(text(sent.body)).not.toContain('unavailable')
      }
      expect(
        text(
          (await press(ida, { type: 'perform', operation: 'x', input: { incident: odd } }, 'refresh')).body,
        ),
      ).not.toContain('unavailable')
      const form = await teams
        .as(ida)
        .fetchTask({ action: { type: 'form', form: 'update_incident', values: { incident: odd } } })
      expect(text(form.body)).not.toContain('unavailable')
      const policy = await teams
        .as(ida)
        .fetchTask({ action: { type: 'form', form: 'save_policy', values: { policy: odd } } })
      expect(text(policy.body)).not.toContain('unavailable')
    }
  })

  test('a version that no incident can have is refused or harmless', async () => {
    for (const asOf of [-1, 0, 2 ** 31, 2 ** 52]) {
      const sent = await press(ida, {
        type: 'perform',
        operation: 'assign',
        asOf,
        input: { incident: 'INC-001', assignee: 'Ida Torres' },
      })
      expect(sent.status).toBe(200)
      expect(text(sent.body)).not.toContain('unavailable')
    }
  })
})

describe('what came back through a client', () => {
  test('names no other place than where it was pressed', async () => {
    const elsewhere = '19:somewhere-else@thread.tacv2'
    await submit(ida, 'create_incident', { title: 'Forged place' }, { channel: elsewhere })
    await teams.waitFor(() => teams.direct(ida).find((each) => teams.textOf(each).includes('Forged place')))
    // The channel would be told right after the asker was.
    await new Promise((done) => setTimeout(done, 300))
    expect(teams.messages(elsewhere)).toHaveLength(0)
    expect(teams.calls().filter((call) => text(call).includes('somewhere-else'))).toHaveLength(0)
  })

  test('sets nobody else’s preferences, whatever it hides', async () => {
    const before = await world.tocsin.sql('select * from preferences')
    const sent = await submit(
      vic,
      'set_preferences',
      { high: 'email', person: 'Ida Torres' },
      { person: 'Ida Torres' },
    )
    expect(sent.status).toBe(200)
    const rows = await world.tocsin.sql<{ name: string }>(
      'select p.name from preferences x join people p on p.id = x.person_id',
    )
    expect(rows.map(({ name }) => name)).not.toContain('Ida Torres')
    expect(before).toEqual(expect.any(Array))
  })

  test('with the names of prototypes changes no prototype and performs nothing', async () => {
    const raw =
      '{"type":"perform","operation":"acknowledge","input":{"incident":"INC-001"},"__proto__":{"polluted":1}}'
    const sent = await press(vic, JSON.parse(raw))
    expect(sent.status).toBe(200)
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      expect((await press(ida, { type: 'perform', operation: name, input: {} })).status).toBe(200)
      expect((await submit(ida, name, { title: 'x' })).status).toBe(200)
      const opened = await teams.as(ida).fetchTask({ action: { type: 'form', form: name } })
      expect(text(opened.body)).not.toContain('"continue"')
    }
    expect(({} as Json).polluted).toBeUndefined()
    expect((await world.incident())?.status).toBe('OPEN')
  })
})

describe('what is for some eyes alone', () => {
  test('a private incident is in no search for a channel, no view and no form of who may not see it', async () => {
    const sent = await teams.as(ida).say('declare Quiet matter')
    await teams.answerTo(sent)
    await world.tocsin.sql("update incidents set private = true where title = 'Quiet matter'")
    const [row] = await world.tocsin.sql<{ key: string }>(
      "select key from incidents where title = 'Quiet matter'",
    )
    for (const user of [vic, finn, ida]) {
      const found = await teams.as(user).query('Quiet', { channel: incidents })
      expect(text(found.body)).not.toContain('Quiet matter')
    }
    for (const user of [vic, finn]) {
      const seen = await press(
        user,
        { type: 'perform', operation: 'x', input: { incident: row!.key } },
        'refresh',
      )
      expect(text(seen.body)).not.toContain('Quiet matter')
      const form = await teams
        .as(user)
        .fetchTask({ action: { type: 'form', form: 'update_incident', values: { incident: row!.key } } })
      expect(text(form.body)).not.toContain('Quiet matter')
      const acted = await press(user, {
        type: 'perform',
        operation: 'acknowledge',
        input: { incident: row!.key },
        asOf: 0,
      })
      expect(text(acted.body)).not.toContain('Quiet matter')
    }
  })
})

describe('what only some departments may read', () => {
  test('is in no card that is inserted into a channel, whoever searches, and in nobody else’s view', async () => {
    const olga = '01ga0000-0000-4000-8000-000000000005'
    teams.addUser({ id: olga, name: 'Olga Brandt', email: 'olga@example.com' })
    await world.tocsin.sql("update incidents set business_impact = 'SECRET-IMPACT' where key = 'INC-001'")
    const own = { type: 'perform', operation: 'x', input: { incident: 'INC-001' } }
    await teams.answerTo(await teams.as(olga).say('list'))
    expect(text((await press(olga, own, 'refresh')).body)).toContain('SECRET-IMPACT')
    for (const user of [olga, ida, finn, vic])
      for (const place of [{ channel: incidents }, { group: '19:some@thread.v2' }, {}]) {
        const found = await teams.as(user).query('First of all', place)
        expect(text(found.body)).toContain('INC-001')
        expect(text(found.body)).not.toContain('SECRET-IMPACT')
      }
    const seen = await press(
      vic,
      { type: 'perform', operation: 'x', input: { incident: 'INC-001' } },
      'refresh',
    )
    expect(text(seen.body)).not.toContain('SECRET-IMPACT')
    const asked = await press(vic, {
      type: 'perform',
      operation: 'update_business_impact',
      input: { incident: 'INC-001' },
    })
    expect(text(asked.body)).not.toContain('SECRET-IMPACT')
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
