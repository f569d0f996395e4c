import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { Client } from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AlreadyRunning, type Embedded, startEmbedded } from '../../src/db/embedded.ts'
import { canReach, SYSTEM_DIR } from '../../src/db/embedded-binaries.ts'
import { isAlive, readPidFile, stopPostmaster } from '../../src/db/postmaster.ts'
import { createLogger } from '../../src/log.ts'

const log = createLogger('silent')
const asRoot = process.getuid?.() === 0
let folder: string
const children: ChildProcess[] = []
const servers: Embedded[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), `tocsin-test-${process.pid}-`))
  await chmod(folder, 0o755)
})

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const server of servers.splice(0)) await server.stop()
  const left = await readPidFile(join(folder, 'postgres'))
  if (left) await stopPostmaster(left.pid)
  await rm(folder, { recursive: true, force: true })
})

const start = async (dataDir = folder) => {
  const server = await startEmbedded({ dataDir, log, settings: { fsync: 'off' } })
  servers.push(server)
  return server
}

type Said = { url?: string; adopted?: boolean; refused?: boolean; sentence?: string }

/** Starts it in another process and waits for what it says. */
const startElsewhere = async (dataDir = folder) => {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, '../support/embedded-process.ts'), dataDir],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  children.push(child)
  for await (const line of createInterface({ input: child.stdout! }))
    return { child, said: JSON.parse(line) as Said }
  throw new Error('it said nothing')
}

const query = async (url: string, sql: string) => {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

const kill = (child: ChildProcess, signal: NodeJS.Signals) =>
  new Promise<number | null>((resolve) => {
    child.once('exit', resolve)
    child.kill(signal)
  })

test('the data are there again at the next start, and nothing runs after the stop', async () => {
  const first = await start()
  await query(first.url, "create table kept as select 'Grüße' as text")
  const { pid } = (await readPidFile(join(folder, 'postgres')))!
  expect(isAlive(pid)).toBe(true)
  await first.stop()
  expect(isAlive(pid)).toBe(false)
  const second = await start()
  expect(second.adopted).toBe(false)
  expect(await query(second.url, 'select text from kept')).toEqual([{ text: 'Grüße' }])
})

test('the server listens on loopback only and asks for the password, which only its owner may read', async () => {
  const { url } = await start()
  const [row] = await query(
    url,
    `select current_setting('listen_addresses') as address, current_setting('unix_socket_directories') as sockets,
     current_setting('server_encoding') as encoding`,
  )
  expect(row).toEqual({ address: '127.0.0.1', sockets: '', encoding: 'UTF8' })
  const wrong = new URL(url)
  wrong.password = 'guess'
  await expect(query(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' })
  expect((await stat(join(folder, 'postgres/tocsin.password'))).mode & 0o777).toBe(0o600)
})

test('a server that a killed process left behind is taken over with its data', async () => {
  const { child, said } = await startElsewhere()
  await query(said.url!, 'create table kept as select 1 as one')
  await kill(child, 'SIGKILL')
  const server = await start()
  expect(server).toMatchObject({ adopted: true, url: said.url })
  expect(await query(server.url, 'select one from kept')).toEqual([{ one: 1 }])
  const { pid } = (await readPidFile(join(folder, 'postgres')))!
  await server.stop()
  expect(isAlive(pid)).toBe(false)
})

test('a second start is refused, names the process, and leaves the first one alone', async () => {
  const { child } = await startElsewhere()
  await expect(start()).rejects.toSatisfy(
    (error) => error instanceof AlreadyRunning && error.message.includes(`process ${child.pid}`),
  )
  const { pid } = (await readPidFile(join(folder, 'postgres')))!
  expect(isAlive(pid)).toBe(true)
  expect(await kill(child, 'SIGTERM')).toBe(0)
  expect(isAlive(pid)).toBe(false)
})

test('of several starts at once on an empty directory exactly one runs', async () => {
  const starts = await Promise.all([startElsewhere(), startElsewhere(), startElsewhere()])
  const running = starts.filter(({ said }) => said.url)
  expect(running).toHaveLength(1)
  expect(starts.filter(({ said }) => said.refused)).toHaveLength(2)
  expect(await query(running[0]!.said.url!, 'select 1 as one')).toEqual([{ one: 1 }])
  expect(await kill(running[0]!.child, 'SIGTERM')).toBe(0)
  expect((await start()).adopted).toBe(false)
})

test.for(['a number that nobody has', 'a number that another program got'] as const)(
  'a pid file left by a crash, with %s, does not stop the start',
  async (whose) => {
    const first = await start()
    await query(first.url, 'create table kept as select 1 as one')
    const file = join(folder, 'postgres/postmaster.pid')
    const text = await readFile(file, 'utf8')
    await first.stop()
    const bystander = spawn('sleep', ['60'], asRoot ? await ownerOf(folder) : {})
    children.push(bystander)
    const pid = whose === 'a number that nobody has' ? 2 ** 22 + 1 : bystander.pid
    await writeFile(file, text.replace(/^\d+/, String(pid)))
    const server = await start()
    expect(await query(server.url, 'select one from kept')).toEqual([{ one: 1 }])
    expect(isAlive(bystander.pid!)).toBe(true)
  },
)

const ownerOf = async (dataDir: string) => {
  const { uid, gid } = await stat(join(dataDir, 'postgres'))
  return { uid, gid }
}

test('a server that was killed is started anew where the pools look for it', async () => {
  const server = await start()
  const { pid } = (await readPidFile(join(folder, 'postgres')))!
  process.kill(pid, 'SIGKILL')
  await expect
    .poll(() => query(server.url, 'select 1 as one').catch(() => undefined), { timeout: 10_000 })
    .toEqual([{ one: 1 }])
})

test('behind a folder that the server may not enter, root keeps the data under /var/lib', async () => {
  const closed = join(folder, 'closed')
  await mkdir(join(closed, 'data'), { recursive: true })
  await chmod(closed, 0o700)
  expect(await canReach(join(closed, 'data'), { uid: 4_000_000, gid: 4_000_000 })).toBe(false)
  expect(await canReach(folder, { uid: 4_000_000, gid: 4_000_000 })).toBe(true)

  const server = await start(join(closed, 'data'))
  expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
  if (!asRoot) return
  const place = await readlink(join(closed, 'data/postgres'))
  expect(place.startsWith(SYSTEM_DIR)).toBe(true)
  await server.stop()
  expect((await start(join(closed, 'data'))).adopted).toBe(false)
  await servers.pop()!.stop()
  await rm(dirname(place), { recursive: true, force: true })
})
