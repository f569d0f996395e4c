import { execFile, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, renameSync, statSync } from 'node:fs'
import { readFile, readlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { ENVIRONMENT } from './embedded-binaries.ts'
import type { Cluster } from './embedded-cluster.ts'

/** What postmaster.pid says; `port` and `ready` come in only while the server starts. */
export type PidFile = { pid: number; port: number | undefined; status: string }

/** https://www.postgresql.org/docs/18/storage-file-layout.html and miscadmin.h (LOCK_FILE_LINE_*). */
export async function readPidFile(dir: string): Promise<PidFile | undefined> {
  const text = await readFile(join(dir, 'postmaster.pid'), 'utf8').catch(() => '')
  const lines = text.split('\n')
  const pid = Number(lines[0])
  if (!Number.isInteger(pid) || pid <= 0) return undefined
  return { pid, port: Number(lines[3]) || undefined, status: (lines[7] ?? '').trim() }
}

/** A zombie counts as gone: an adopted server's parent may be a container's first process that reaps nobody. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  if (process.platform !== 'linux') return true
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return !/^[ZX]/.test(text.slice(text.lastIndexOf(')') + 2))
  } catch {
    return false
  }
}

/** Whether that process is the server of this very folder, rather than a program that got its number since. */
export async function servesCluster(pid: number, dir: string): Promise<boolean> {
  if (!isAlive(pid)) return false
  // A postmaster's working directory is its data directory.
  if (process.platform === 'linux') return (await readlink(`/proc/${pid}/cwd`).catch(() => '')) === dir
  const { stdout } = await promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({
    stdout: '',
  }))
  return stdout.includes('postgres') && stdout.includes(dir)
}

/** In a session of its own, so that Ctrl-C in a terminal ends us first and the drain still has its database. */
export async function spawnPostmaster(
  cluster: Cluster,
  port: number,
  settings: Record<string, string>,
  stalePid: number | undefined,
): Promise<{ pid: number; exited: () => boolean }> {
  const all = { ...DEFAULTS, port: String(port), ...settings }
  const args = [
    '-D',
    cluster.dir,
    ...Object.entries(all).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
  ]
  rotate(cluster.logFile)
  const output = openSync(cluster.logFile, 'a', 0o600)
  try {
    const child = spawn(cluster.binaries.postgres, args, {
      ...cluster.runAs,
      cwd: cluster.dir,
      // Postgres takes a live process under the number in postmaster.pid for another server, unless that process
      // is its parent or its grandparent: how pg_ctl says so is also how to say that the number was reused.
      env: stalePid ? { ...ENVIRONMENT, PG_GRANDPARENT_PID: String(stalePid) } : ENVIRONMENT,
      stdio: ['ignore', output, output],
      detached: true,
    })
    let exited = false
    child.on('exit', () => {
      exited = true
    })
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', reject)
    })
    child.unref()
    return { pid: child.pid!, exited: () => exited }
  } finally {
    closeSync(output)
  }
}

const DEFAULTS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '64MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  // Statements may carry what people wrote: errors are logged without them.
  log_min_error_statement: 'panic',
}

/** SIGINT is Postgres's fast shutdown, SIGQUIT the immediate one (recovery at the next start). */
export async function stopPostmaster(pid: number): Promise<void> {
  for (const [signal, ms] of [
    ['SIGINT', 10_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 2_000],
  ] as const) {
    try {
      process.kill(pid, signal)
    } catch {
      return
    }
    const until = Date.now() + ms
    while (Date.now() < until) {
      if (!isAlive(pid)) return
      await sleep(10)
    }
  }
}

export const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })

const LOG_LIMIT = 10 * 1024 * 1024

function rotate(file: string): void {
  try {
    if (statSync(file).size > LOG_LIMIT) renameSync(file, `${file}.old`)
  } catch {
    // There is none yet.
  }
}
