import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { newestMigration } from '../../src/db/migrate.ts'
import { endAll, type Running, startProcess } from './process.ts'

let url: string
const started: Running[] = []

const query = async (to: string, sql: string): Promise<Record<string, unknown>[]> => {
  const client = new Client({ connectionString: to })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

beforeEach(async () => {
  const name = `test_${randomBytes(6).toString('hex')}`
  await query(inject('databaseServer'), `create database ${name}`)
  const address = new URL(inject('databaseServer'))
  address.pathname = `/${name}`
  url = address.href
})
afterEach(async () => {
  await endAll(started.splice(0))
  await query(inject('databaseServer'), `drop database ${new URL(url).pathname.slice(1)} with (force)`)
})

const start = async () => {
  const running = await startProcess({
    PORT: '0',
    DATABASE_URL: url,
    TOCSIN_SECRET: 'a-secret-for-tests-alone',
    CONSOLE: 'off',
  })
  started.push(running)
  return running
}
const ready = async ({ url: at }: Running) => {
  const response = await fetch(`${at}/readyz`)
  return { status: response.status, text: await response.text() }
}

test('of several replicas that start at once on an empty database each becomes ready', async () => {
  const replicas = await Promise.all([start(), start(), start(), start()])
  for (const replica of replicas) {
    expect(replica.stderr()).toBe('')
    expect(await ready(replica)).toEqual({ status: 200, text: 'ready\n' })
  }
  expect(await query(url, 'select 1 from organizations')).toHaveLength(1)
  const applied = await query(url, 'select name from kysely_migration order by name')
  expect(applied.at(-1)).toEqual({ name: newestMigration })
  expect(new Set(applied.map(({ name }) => name)).size).toBe(applied.length)
  for (const replica of replicas) replica.kill('SIGTERM')
  for (const { ended } of replicas) expect((await ended).code).toBe(0)
})

test('a database that a newer program has changed: not ready while running, and no start', async () => {
  const old = await start()
  expect((await ready(old)).status).toBe(200)
  await query(url, `insert into kysely_migration (name, timestamp) values ('9999-later', now()::text)`)
  const { status, text } = await ready(old)
  expect(status).toBe(503)
  expect(text).toContain('9999-later')
  expect(text).toContain(newestMigration)
  expect((await fetch(`${old.url}/healthz`)).status).toBe(200)

  const again = await start()
  expect(again.url).toBe('')
  expect((await again.ended).code).toBe(2)
  expect(again.stderr()).toMatch(/^[^\n]*newer[^\n]*9999-later[^\n]*\n$/)
})

test('a database that is not there: one clear line, and the end', async () => {
  url = url.replace(/:\d+\//, ':1/')
  const running = await start()
  url = url.replace(':1/', `:${new URL(inject('databaseServer')).port}/`)
  expect((await running.ended).code).toBe(2)
  expect(running.stderr()).toMatch(/^[^\n]*DATABASE_URL[^\n]*\n$/)
  expect(running.stderr()).not.toContain(new URL(inject('databaseServer')).password)
})
