import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TeamsActivity } from '../../src/adapters/teams/activity.ts'
import { messageText, wordsOfHtml } from '../../src/adapters/teams/message-text.ts'
import { adaptiveCard } from '../../src/messages/adaptive-card.ts'
import type { Json } from '../support/teams-stand-in.ts'
import { type Attack, attackOf, startAttackedWorld, text } from '../teams/attack.ts'
import { finn, ida, incidents, vic, type World } from '../teams/world.ts'

let world: World
let teams: World['teams']
let message: Attack['message']
let press: Attack['press']
let submit: Attack['submit']
beforeAll(async () => {
  world = await startAttackedWorld()
  teams = world.teams
  ;({ message, press, submit } = attackOf(teams))
})
afterAll(() => world.close())

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
