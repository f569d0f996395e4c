/** A Postgres server of its own, which can be stopped at once and started again: recovery and all. */
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import { openCluster } from '../../src/db/embedded-cluster.ts'
import { freePort, isAlive, spawnPostmaster, stopPostmaster } from '../../src/db/postmaster.ts'
import { createLogger } from '../../src/log.ts'

/** What a commit has written outlives the server, though not the machine: no fsync. */
const settings = { fsync: 'off', full_page_writes: 'off', max_connections: '200' }

export type Server = {
  url: string
  /** `pg_ctl stop -m immediate`: every session breaks where it stands. Resolves once nothing is left of it. */
  stopAtOnce(): Promise<void>
  /** Resolves once it takes connections. */
  start(): Promise<void>
  drop(): Promise<void>
}

export async function startServer(): Promise<Server> {
  // The name by which a later run sweeps away what a killed one left.
  const folder = await mkdtemp(join(tmpdir(), `tocsin-test-${process.pid}-`))
  await chmod(folder, 0o755)
  const cluster = await openCluster(folder, createLogger('warn'), false)
  const port = await freePort()
  const urlOf = (database: string) => `postgres://postgres:${cluster.password}@127.0.0.1:${port}/${database}`
  let pid: number | undefined

  const connect = async (): Promise<Client | undefined> => {
    const client = new Client({ connectionString: urlOf('postgres'), connectionTimeoutMillis: 2_000 })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return client
    } catch {
      await client.end().catch(() => undefined)
      return undefined
    }
  }
  const start = async () => {
    pid = (await spawnPostmaster(cluster, port, settings, pid)).pid
    const until = Date.now() + 60_000
    for (;;) {
      const client = await connect()
      if (client) return client
      if (Date.now() > until || !isAlive(pid)) throw new Error(`The server did not start: ${cluster.logFile}`)
      await pause(20)
    }
  }

  const first = await start()
  await first.query('create database tocsin')
  await first.end()
  return {
    url: urlOf('tocsin'),
    async stopAtOnce() {
      process.kill(pid!, 'SIGQUIT')
      while (isAlive(pid!)) await pause(10)
    },
    start: async () => (await start()).end(),
    async drop() {
      await stopPostmaster(pid!)
      await rm(folder, { recursive: true, force: true })
    },
  }
}
