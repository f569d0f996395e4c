import { Client } from 'pg'
import { expect, test } from 'vitest'
import { createDatabase } from '../support/database.ts'

test('each test file gets a migrated database of its own, and it is gone afterwards', async () => {
  const started = performance.now()
  const [one, two] = await Promise.all([createDatabase(), createDatabase()])
  expect(one.url).not.toBe(two.url)
  const client = new Client({ connectionString: one.url })
  await client.connect()
  const { rows } = await client.query("select count(*)::int as n from pg_tables where schemaname = 'public'")
  expect(rows[0].n).toBeGreaterThan(10)
  await client.end()
  await Promise.all([one.drop(), two.drop()])
  await expect(new Client({ connectionString: one.url }).connect()).rejects.toMatchObject({ code: '3D000' })
  expect(performance.now() - started).toBeLessThan(5_000)
})
