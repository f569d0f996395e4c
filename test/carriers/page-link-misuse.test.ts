/** What a page's link does for those who guess, and when things are wrong around it: nothing. */
import type { AddressInfo } from 'node:net'
import express from 'express'
import { describe, expect, test } from 'vitest'
import { openDb } from '../../src/db/pool.ts'
import { uuid } from '../../src/db/uuid.ts'
import { endWithErrors } from '../../src/http/errors.ts'
import { mountPageLinks, pageLinkFor } from '../../src/http/page-link.ts'
import type { Logger } from '../../src/log.ts'
import { base, get, incidentNow, operations, paged, press, secret } from './page-link-support.ts'

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
