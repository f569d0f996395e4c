import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { setCarriers } from '../../src/core/carriers.ts'
import { enqueue, type PageFacts } from '../../src/core/outbox.ts'
import { openDb } from '../../src/db/pool.ts'
import { uuid } from '../../src/db/uuid.ts'
import { endWithErrors } from '../../src/http/errors.ts'
import { mountPageLinks, pageLinkFor } from '../../src/http/page-link.ts'
import type { Logger } from '../../src/log.ts'
import { findOperation, registry } from '../../src/operations/registry.ts'
import { createWorld, type World } from '../people/support.ts'

const secret = 'a-secret-for-tests-alone'
let world: World
let server: Server
let base: string
let ida: string
let woken = 0
const operations = [...registry]

beforeAll(async () => {
  world = await createWorld()
  const app = express()
  mountPageLinks(app, { db: world.db, registry: operations, secret, wake: () => woken++ })
  server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await world.within(({ tx, orgId }) => setCarriers(tx, orgId, ['email', 'sms']))
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await world.close()
})
beforeEach(async () => {
  ida = await world.person('Ida <b>Torres</b>', { department: 'IT', rank: 'oncall_engineer' })
  woken = 0
})

/** A new incident and the page of it that Ida gets. */
async function paged(options: { title?: string; carrier?: 'email' | 'sms' } = {}) {
  const { title = 'Checkout is down', carrier = 'email' } = options
  const reporter = await world.person('Pat', { department: 'OPS' })
  await world.as(reporter, findOperation('create_incident')!, { title })
  const incident = await world.owner
    .selectFrom('incidents')
    .selectAll()
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow()
  const { key, id, version, priority } = incident
  const facts: PageFacts = {
    incident: { id, key, title, priority, version },
    why: 'You are on call for payments.',
  }
  const pageId = uuid()
  const link = await world.within(async ({ tx, orgId }) => {
    await tx
      .insertInto('pages')
      .values({
        org_id: orgId,
        id: pageId,
        incident_id: id,
        escalation_id: null,
        round: null,
        step: null,
        sender_id: null,
        body: null,
        closed_at: null,
        closed_by: null,
        closed_as: null,
      })
      .execute()
    const workspace = await tx
      .selectFrom('workspaces')
      .select('id')
      .where('platform', '=', carrier)
      .executeTakeFirstOrThrow()
    const [delivery] = await enqueue(tx, orgId, [
      {
        workspaceId: workspace.id,
        route: { type: 'person', user: `${ida}@example.com` },
        notification: { type: 'page', page: facts },
        urgency: 0,
        incidentId: id,
        pageId,
        personId: ida,
      },
    ])
    return pageLinkFor(base, secret)(delivery!)
  })
  return { link, key, pageId, incidentId: id }
}

const get = async (link: string, method = 'GET') => {
  const response = await fetch(link, { method, redirect: 'manual' })
  return { status: response.status, headers: response.headers, text: await response.text() }
}
const press = async (link: string, action: string) => {
  const response = await fetch(link, {
    method: 'POST',
    body: new URLSearchParams({ action }),
    redirect: 'manual',
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}
const incidentNow = (key: string) =>
  world.owner
    .selectFrom('incidents')
    .select(['status', 'acknowledged_by', 'version'])
    .where('key', '=', key)
    .executeTakeFirstOrThrow()

describe('opening the link', () => {
  test('shows what it is about and what can be pressed, and does nothing, however often', async () => {
    const { link, key } = await paged()
    const before = await incidentNow(key)
    for (const method of ['GET', 'HEAD', 'GET']) {
      const { status } = await get(link, method)
      expect(status).toBe(200)
    }
    const { text } = await get(link)
    expect(text).toContain(`${key} needs you: Checkout is down`)
    expect(text).toContain('Priority: <strong>P3</strong>')
    expect(text).toContain('>Acknowledge</button>')
    expect(await incidentNow(key)).toEqual(before)
    expect(woken).toBe(0)
  })

  test('gives a page that is kept nowhere, runs nothing and stands in no frame', async () => {
    const { link } = await paged()
    const { headers, text } = await get(link)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    const csp = headers.get('content-security-policy')!
    expect(csp).toContain("default-src 'none'")
    expect(csp).toContain("frame-ancestors 'none'")
    expect(csp).not.toContain('script')
    expect(text).not.toContain('<script')
  })

  test('shows markup in titles and names as words', async () => {
    const { link } = await paged({ title: '<img src=x onerror=alert(1)> & "quotes"' })
    const { text } = await get(link)
    expect(text).not.toMatch(/<img|<b>/)
    expect(text).toContain('&lt;img src=x onerror=alert(1)&gt; &amp; &quot;quotes&quot;')
  })

  test('is 38 characters of token, which a text message has room for', async () => {
    const { link } = await paged()
    expect(link.split('/p/')[1]).toMatch(/^[\w-]{38}$/)
  })
})

describe('pressing Acknowledge', () => {
  test('acknowledges as the person who was paged, once, and then says who did and when', async () => {
    const { link, key } = await paged()
    const answer = await press(link, 'acknowledge')
    expect(answer.status).toBe(303)
    expect(new URL(answer.headers.get('location')!, link).href).toBe(link)
    const after = await incidentNow(key)
    expect(after).toMatchObject({ status: 'IN_PROGRESS', acknowledged_by: ida })
    expect(woken).toBe(1)

    const { status, text } = await get(link)
    expect(status).toBe(410)
    expect(text).toMatch(
      /Acknowledged by Ida &lt;b&gt;Torres&lt;\/b&gt; at \d\d:\d\d UTC|This link was used at/,
    )
    expect(text).toContain('Status: IN_PROGRESS')
    expect(text).not.toContain('<button')

    expect((await press(link, 'acknowledge')).status).toBe(410)
    expect(await incidentNow(key)).toEqual(after)
    const audit = (await world.audit()).filter(
      (row) => row.operation === 'acknowledge' && row.actor_id === ida,
    )
    expect(audit).toHaveLength(1)
    expect(audit[0]).toMatchObject({ surface: 'email', outcome: 'done' })
  })

  test('in a text message is told as such', async () => {
    const { link } = await paged({ carrier: 'sms' })
    await press(link, 'acknowledge')
    const audit = (await world.audit()).filter((row) => row.actor_id === ida)
    expect(audit.map(({ surface }) => surface)).toEqual(['sms'])
  })

  test('ten times at once takes effect once', async () => {
    const { link, key } = await paged()
    const answers = await Promise.all(Array.from({ length: 10 }, () => press(link, 'acknowledge')))
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1)
    expect(answers.every(({ status }) => [303, 409, 410].includes(status))).toBe(true)
    const audit = (await world.audit()).filter(
      (row) => row.operation === 'acknowledge' && row.actor_id === ida,
    )
    expect(audit).toHaveLength(1)
    expect((await incidentNow(key)).status).toBe('IN_PROGRESS')
  })

  test('does nothing for somebody who was deactivated, and tells them nothing', async () => {
    const { link, key } = await paged()
    await world.owner.updateTable('people').set({ active: false }).where('id', '=', ida).execute()
    for (const { status, text } of [await get(link), await press(link, 'acknowledge')]) {
      expect(status).toBe(410)
      expect(text).toContain('You have no access here any more')
      expect(text).not.toContain('Checkout')
    }
    expect((await incidentNow(key)).status).toBe('OPEN')
  })

  test('that is refused says why and leaves the link as it was', async () => {
    const { link, key } = await paged()
    await world.owner
      .updateTable('people')
      .set({ department: null, rank: 'viewer' })
      .where('id', '=', ida)
      .execute()
    const { status, text } = await press(link, 'acknowledge')
    expect(status).toBe(403)
    expect(text).toContain(`${key} was not acknowledged: that needs acknowledge.`)
    const { rows } = await world.within(async ({ tx }) => ({
      rows: await tx.selectFrom('deliveries').select('link_used_at').where('person_id', '=', ida).execute(),
    }))
    expect(rows).toEqual([{ link_used_at: null }])
  })
})

describe('pressing Escalate', () => {
  test('escalates as the person who was paged, once', async () => {
    const { link, key } = await paged()
    expect((await get(link)).text).toContain('>Escalate</button>')
    expect((await press(link, 'escalate')).status).toBe(303)
    expect((await press(link, 'escalate')).status).toBe(410)
    const audit = (await world.audit()).filter((row) => row.actor_id === ida && row.outcome === 'done')
    expect(audit.filter(({ operation }) => operation === 'escalate')).toHaveLength(1)
    expect((await incidentNow(key)).status).toBe('OPEN')
    expect((await get(link)).status).toBe(410)
  })
})

describe('a page by hand about no incident', () => {
  test('says who pages and what they wrote, and has Acknowledge alone', async () => {
    const sender = await world.person('Maya Okafor')
    const pageId = uuid()
    const link = await world.within(async ({ tx, orgId }) => {
      await tx
        .insertInto('pages')
        .values({
          org_id: orgId,
          id: pageId,
          incident_id: null,
          escalation_id: null,
          round: null,
          step: null,
          sender_id: sender,
          body: 'call me <now>',
          closed_at: null,
          closed_by: null,
          closed_as: null,
        })
        .execute()
      const workspace = await tx
        .selectFrom('workspaces')
        .select('id')
        .where('platform', '=', 'sms')
        .executeTakeFirstOrThrow()
      const [delivery] = await enqueue(tx, orgId, [
        {
          workspaceId: workspace.id,
          route: { type: 'person', user: '+441632960000' },
          notification: {
            type: 'page',
            page: { why: 'Maya Okafor wants you.', by: 'Maya Okafor', text: 'call me <now>' },
          },
          urgency: 0,
          pageId,
          personId: ida,
        },
      ])
      return pageLinkFor(base, secret)(delivery!)
    })
    const { text } = await get(link)
    expect(text).toContain('Maya Okafor pages you: call me &lt;now&gt;')
    expect(text).toContain('>Acknowledge</button>')
    expect(text).not.toContain('Escalate')
    expect((await press(link, 'escalate')).status).toBe(400)
    expect((await press(link, 'acknowledge')).status).toBe(303)
    const closed = await world.owner
      .selectFrom('pages')
      .select(['closed_by', 'closed_as'])
      .where('id', '=', pageId)
      .executeTakeFirstOrThrow()
    expect(closed).toEqual({ closed_by: ida, closed_as: 'acknowledged' })
    expect((await get(link)).text).toContain('Acknowledged by Ida')
  })
})

describe('a link that is over', () => {
  test('because the page was acknowledged elsewhere says by whom', async () => {
    const { link, key, pageId } = await paged()
    const ivo = await world.person('Ivo Lang')
    await world.owner
      .updateTable('pages')
      .set({ closed_at: new Date(), closed_by: ivo, closed_as: 'acknowledged' })
      .where('id', '=', pageId)
      .execute()
    const { status, text } = await get(link)
    expect(status).toBe(410)
    expect(text).toMatch(/Acknowledged by Ivo Lang at \d\d:\d\d UTC, \d+ s after the page\./)
    expect((await press(link, 'acknowledge')).status).toBe(410)
    expect((await incidentNow(key)).status).toBe('OPEN')
  })

  test('after a day does nothing any more', async () => {
    const { link, key } = await paged()
    await world.later('23 hours 59 minutes')
    expect((await get(link)).status).toBe(200)
    await world.later('2 minutes')
    const { status, text } = await get(link)
    expect(status).toBe(410)
    expect(text).toContain('more than a day old')
    expect((await press(link, 'acknowledge')).status).toBe(410)
    expect((await incidentNow(key)).status).toBe('OPEN')
  })
})

describe('a link that was not given out', () => {
  test('is not found, whatever was changed in it', async () => {
    const { link, key } = await paged()
    const token = link.split('/p/')[1]!
    const others = [
      ...Array.from({ length: 6 }, (_, at) => {
        const index = at * 7
        const other = token[index] === 'A' ? 'B' : 'A'
        return token.slice(0, index) + other + token.slice(index + 1)
      }),
      token.slice(0, 37),
      `${token}A`,
      pageLinkFor('', secret)(uuid()).slice(3),
      pageLinkFor('', 'another-secret')(uuid()).slice(3),
      '..%2f..%2fetc',
      '%00',
    ]
    for (const other of others) {
      const { status, text } = await get(`${base}/p/${other}`)
      expect([404, 429]).toContain(status)
      expect(text).not.toContain('Checkout')
      expect([404, 429]).toContain((await press(`${base}/p/${other}`, 'acknowledge')).status)
    }
    expect((await incidentNow(key)).status).toBe('OPEN')
  })

  test('guessed often from one address is slowed down; a right one still works then', async () => {
    const { link } = await paged()
    const wrong = pageLinkFor(base, 'another-secret')
    const statuses = new Set<number>()
    for (let at = 0; at < 40; at++) statuses.add((await get(wrong(uuid()))).status)
    expect(statuses).toContain(429)
    expect((await get(link)).status).toBe(200)
  })
})

test('a token is in no log, also when the database is away', async () => {
  const { link } = await paged()
  const db = openDb('postgres://nobody@127.0.0.1:1/none')
  const logged: unknown[] = []
  const app = express()
  mountPageLinks(app, { db, registry: operations, secret, wake: () => undefined })
  endWithErrors(app, { error: (...words: unknown[]) => logged.push(words) } as unknown as Logger)
  const away = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => away.once('listening', resolve))
  const token = link.split('/p/')[1]!
  const there = `http://127.0.0.1:${(away.address() as AddressInfo).port}/p/${token}`
  expect((await get(there)).status).toBe(500)
  expect((await press(there, 'acknowledge')).status).toBe(500)
  expect(logged).toHaveLength(2)
  expect(JSON.stringify(logged)).not.toContain(token)
  away.closeAllConnections()
  await new Promise((resolve) => away.close(resolve))
  await db.close()
})

test('a form without an action, with a wrong one or too long does nothing', async () => {
  const { link, key } = await paged()
  for (const action of ['', 'resolve', '__proto__']) expect((await press(link, action)).status).toBe(400)
  expect((await press(link, 'x'.repeat(5_000))).status).toBe(413)
  const plain = await fetch(link, {
    method: 'POST',
    body: 'nothing',
    headers: { 'content-type': 'text/plain' },
  })
  expect(plain.status).toBe(400)
  expect((await incidentNow(key)).status).toBe('OPEN')
})
