import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatabase } from '../support/database.ts'
import { everything } from './everything.ts'

let database: Awaited<ReturnType<typeof createDatabase>>
let folder: string
beforeAll(async () => {
  database = await createDatabase()
  folder = await mkdtemp(join(tmpdir(), 'tocsin-commands-'))
  await writeFile(join(folder, 'good.yaml'), everything)
  await writeFile(join(folder, 'bad.yaml'), 'currency: usd\nteams:\n  - { nam: x }\n')
})
afterAll(async () => {
  await database.drop()
  await rm(folder, { recursive: true })
})

const run = (command: string, ...words: string[]) =>
  new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const env = {
      ...process.env,
      DATABASE_URL: database.url,
      TOCSIN_SECRET: 'x'.repeat(44),
      HOOK_SECRET: 'whsec_1',
    }
    const script = join(import.meta.dirname, `../../src/commands/${command}.ts`)
    execFile(process.execPath, [script, ...words], { env, cwd: folder }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    )
  })

test('a file is planned, applied and then has nothing to change; the audit log can be verified and exported', async () => {
  expect(await run('migrate')).toMatchObject({ code: 0, out: 'The database is up to date.\n' })
  const planned = await run('config', 'plan', 'good.yaml')
  expect(planned).toMatchObject({ code: 0, out: expect.stringContaining('add webhooks: audit-lake') })
  expect(planned.out).not.toContain('whsec_1')
  expect(await run('config', 'apply', 'good.yaml')).toMatchObject({
    code: 0,
    out: expect.stringContaining('Applied'),
  })
  expect((await run('config', 'plan', 'good.yaml')).out).toBe(
    'Nothing to change: everything is as the file says.\n',
  )
  expect(await run('audit', 'verify')).toMatchObject({ code: 0, out: expect.stringContaining('whole') })
  const exported = (await run('audit', 'export')).out.trim().split('\n')
  expect(JSON.parse(exported[0]!)).toMatchObject({
    operation: 'apply_configuration',
    actor: 'configuration file',
  })
})

test('a wrong file, a lacking file and a wrong command end with 2 and say why', async () => {
  const wrong = await run('config', 'apply', 'bad.yaml')
  expect(wrong.code).toBe(2)
  expect(wrong.err).toMatch(/line 1: currency .*\n\s+line 3: teams\[0\].*\n\s+line 3: teams\[0\]/)
  expect(await run('config', 'plan', 'none.yaml')).toMatchObject({
    code: 2,
    err: expect.stringContaining('none.yaml'),
  })
  expect(await run('config')).toMatchObject({ code: 2, err: expect.stringContaining('Usage') })
})
