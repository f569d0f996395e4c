import { chmod, mkdtemp, readdir, readFile, readlink, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isAlive, readPidFile, stopPostmaster } from '../../src/db/postmaster.ts'
import { be } from '../console/support.ts'
import { endAll, type Running, startProcess } from './process.ts'

let folder: string
const started: Running[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), `tocsin-test-${process.pid}-`))
  // mkdtemp closes it; as root the server runs as a user who must get in.
  await chmod(folder, 0o755)
})
afterEach(async () => {
  await endAll(started.splice(0))
  const left = await postmaster()
  if (left) await stopPostmaster(left)
  await rm(folder, { recursive: true, force: true })
})

const start = async () => {
  const running = await startProcess({ PORT: '0', DATA_DIR: folder })
  started.push(running)
  return running
}
const postmaster = async () => (await readPidFile(join(folder, 'postgres')))?.pid

/** Every process whose files or working directory lie in the data directory, or whose parent is one of ours. */
async function processesOf(pids: number[]): Promise<string[]> {
  const found: string[] = []
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue
    const cwd = await readlink(`/proc/${name}/cwd`).catch(() => '')
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const ours = cwd.startsWith(folder) || pids.includes(Number(name)) || pids.includes(Number(parent))
    if (ours && state !== 'Z') found.push(`${name} ${cwd} ${state}`)
  }
  return found
}

const stop = async (running: Running, signal: NodeJS.Signals = 'SIGTERM') => {
  const server = await postmaster()
  running.kill(signal)
  const began = performance.now()
  const { code } = await running.ended
  return { code, ms: performance.now() - began, pids: [running.pid, ...(server ? [server] : [])] }
}

const titles = async (running: Running) => {
  const ida = await be(running.url, 'ida')
  await ida.say('general', '/incident list')
  await expect
    .poll(async () => JSON.stringify(await ida.messages('general')), { timeout: 5_000 })
    .toContain('INC-')
  return JSON.stringify(await ida.messages('general'))
}

test('with nothing configured: ready in time, one at a time, nothing remains, the same data at the next start', {
  timeout: 120_000,
}, async () => {
  const first = await start()
  expect(first.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  expect(first.readyMs).toBeLessThan(10_000)
  const ida = await be(first.url, 'ida')
  const page = await ida.listen()
  await ida.say('general', '/incident declare The bakery is out of bread')
  await expect
    .poll(async () => JSON.stringify(await ida.messages('general')), { timeout: 5_000 })
    .toContain('bakery')

  const second = await startProcess({ PORT: '0', DATA_DIR: folder })
  expect(await second.ended).toMatchObject({ code: 2 })
  expect(second.stderr()).toMatch(/^Tocsin is already running on this data directory .*process \d+.*\n$/)
  expect(second.stderr()).toContain(`process ${first.pid})`)
  expect((await fetch(`${first.url}/readyz`)).status).toBe(200)

  // A page is open and hears of what happens: it must not hold up the stop.
  const stopped = await stop(first)
  await page.stop().catch(() => undefined)
  expect(stopped.code).toBe(0)
  expect(stopped.pids).toHaveLength(2)
  expect(await processesOf(stopped.pids)).toEqual([])

  const again = await start()
  expect(again.readyMs).toBeLessThan(10_000)
  expect(await titles(again)).toContain('bakery')

  // Killed, it leaves its server behind, which the next start takes over.
  const server = await postmaster()
  await stop(again, 'SIGKILL')
  expect(isAlive(server!)).toBe(true)
  const third = await start()
  expect(await postmaster()).toBe(server)
  expect(await titles(third)).toContain('bakery')
  const last = await stop(third)
  expect(last.code).toBe(0)
  expect(await processesOf(last.pids)).toEqual([])
})

test('a database server that is killed is started anew, and the console goes on', {
  timeout: 120_000,
}, async () => {
  const app = await start()
  const ida = await be(app.url, 'ida')
  process.kill((await postmaster())!, 'SIGKILL')
  const refused = await ida.say('general', '/incident declare Said into the gap')
  await expect
    .poll(async () => (await ida.say('general', '/incident declare Said afterwards')).status, {
      timeout: 20_000,
    })
    .toBe(202)
  await expect
    .poll(async () => JSON.stringify(await ida.messages('general')), { timeout: 20_000 })
    .toContain('afterwards')
  if (refused.status !== 202) expect(await titles(app)).not.toContain('into the gap')
  expect((await fetch(`${app.url}/readyz`)).status).toBe(200)
  const stopped = await stop(app)
  expect(stopped.code).toBe(0)
  expect(await processesOf(stopped.pids)).toEqual([])
})

const exists = (...path: string[]) =>
  stat(join(folder, ...path)).then(
    () => true,
    () => false,
  )

test.for<[string, () => Promise<boolean>]>([
  [
    'makes its database',
    async () => (await readdir(folder)).some((name) => name.startsWith('postgres.new-')),
  ],
  ['starts its database', () => exists('postgres', 'postmaster.pid')],
  ['has not begun', async () => true],
])('a stop while it %s leaves nothing either', { timeout: 120_000 }, async ([, reached]) => {
  const running = await startProcess({ PORT: '0', DATA_DIR: folder }, async (pid) => {
    while (!(await reached())) await new Promise((resolve) => setTimeout(resolve, 5))
    process.kill(pid, 'SIGTERM')
  })
  started.push(running)
  const { ms } = await running.ended
  expect(ms).toBeLessThan(25_000)
  expect(await processesOf([running.pid])).toEqual([])
  // And the next start finds nothing that it could stumble over.
  expect((await start()).url).not.toBe('')
})
