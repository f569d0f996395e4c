import { readFileSync, rmSync } from 'node:fs'
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import type { TestProject } from 'vitest/node'
import { startEmbedded } from '../../src/db/embedded.ts'
import { migrate } from '../../src/db/migrate.ts'
import { isAlive, readPidFile, servesCluster, stopPostmaster } from '../../src/db/postmaster.ts'
import { createLogger } from '../../src/log.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The superuser's connection to the maintenance database of the run's one server. */
    databaseServer: string
  }
}

const PREFIX = 'tocsin-test-'

/** One server for the whole run and one migrated template; a test file clones it with createDatabase(). */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweep()
  const folder = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`))
  // mkdtemp closes it; as root the server runs as a user who must get in.
  await chmod(folder, 0o755)
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const server = await startEmbedded({ dataDir: folder, log: createLogger('warn'), settings: SETTINGS })
    // Vitest leaves without a teardown when it is interrupted while a test spins.
    const atExit = () => leaveAtOnce(folder)
    process.once('exit', atExit)
    const teardown = async () => {
      process.off('exit', atExit)
      await server.stop()
      await remove()
    }
    try {
      const url = new URL(server.url)
      url.pathname = '/postgres'
      await query(url.href, 'create database tocsin_template')
      const template = new URL(url)
      template.pathname = '/tocsin_template'
      await migrate(template.href)
      project.provide('databaseServer', url.href)
      return teardown
    } catch (error) {
      await teardown()
      throw error
    }
  } catch (error) {
    await remove()
    throw error
  }
}

const SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  // Each test app has pools of its own, and several replicas at that.
  max_connections: '300',
}

function leaveAtOnce(folder: string): void {
  try {
    process.kill(
      Number.parseInt(readFileSync(join(folder, 'postgres/postmaster.pid'), 'utf8'), 10),
      'SIGKILL',
    )
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  } catch {
    // The next run sweeps.
  }
}

async function query(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

/** What a run that was killed left behind. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1]
    if (!pid || isAlive(Number(pid))) continue
    const folder = join(tmpdir(), name)
    const cluster = join(folder, 'postgres')
    const left = await readPidFile(cluster)
    if (left && (await servesCluster(left.pid, cluster))) await stopPostmaster(left.pid)
    await rm(folder, { recursive: true, force: true })
  }
}
