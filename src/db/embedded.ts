import { readFile, realpath } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { unavailable } from '../errors.ts'
import type { Logger } from '../log.ts'
import { type Cluster, openCluster } from './embedded-cluster.ts'
import { freePort, readPidFile, servesCluster, spawnPostmaster, stopPostmaster } from './postmaster.ts'

export type EmbeddedOptions = {
  dataDir: string
  log: Logger
  /** Default: a free one. */
  port?: number
  /** Server settings beyond ours, such as fsync=off in tests. A server that is adopted keeps those it has. */
  settings?: Record<string, string>
}

export type Embedded = {
  /** The superuser's connection to database `tocsin`. */
  url: string
  /** True when a server that a killed process left behind was taken over. */
  adopted: boolean
  /** Fast shutdown, then harder; at most 17 s. Close the pools first. */
  stop(): Promise<void>
}

/** Another process works on this data directory: main prints the sentence and exits with 2. */
export class AlreadyRunning extends Error {
  override readonly name = 'AlreadyRunning'
}

/** Recovery after a crash may take a while. */
const START_LIMIT_MS = 120_000
const MOST_FAILURES = 10
/** A killed owner's connection takes a moment to be noticed; a living owner keeps its lock far longer. */
const LOCK_PATIENCE_MS = 2_000
/** Of our own choosing; any two programs on one server agree on it by being this one. */
const OWNER_LOCK = 0x70c5_1000

type Server = { pid: number; port: number; adopted: boolean; owner: Client }

/**
 * Serves `<dataDir>/postgres`, made if there is none, on a random loopback port. Who works on it is decided by
 * an advisory lock on a connection that is held as long as we run.
 * Errors: AlreadyRunning, and TocsinError 'unavailable' with a sentence that says what to do.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { dataDir, log, settings = {} } = options
  const cluster = await openCluster(dataDir, log, settings.fsync !== 'off')
  let server = await takeServer(cluster, options, options.port)
  let stopping = false
  let repairing: Promise<void> = Promise.resolve()
  const watch = () => {
    const { owner, port } = server
    owner.on(
      'error',
      (error) => stopping || log.warn({ err: error }, 'the connection that owns the database broke'),
    )
    owner.on('end', () => {
      if (!stopping) repairing = repair(port)
    })
  }
  // A crashed backend makes Postgres drop every connection, and our lock with it; a killed server is started anew
  // on the same port, so that the pool finds it again.
  const repair = async (port: number) => {
    while (!stopping) {
      try {
        server = await takeServer(cluster, options, port)
        log.warn({ pid: server.pid }, 'the database is ours again')
        return watch()
      } catch (error) {
        log.error({ err: error }, 'the embedded database is lost; trying again')
        await sleep(1_000)
      }
    }
  }
  watch()

  return {
    url: urlOf(cluster, server.port, 'tocsin'),
    adopted: server.adopted,
    stop: async () => {
      stopping = true
      await repairing
      await stopPostmaster(server.pid)
      await server.owner.end().catch(() => undefined)
    },
  }
}

const urlOf = (cluster: Cluster, port: number, database: string) =>
  `postgres://postgres:${cluster.password}@127.0.0.1:${port}/${database}`

type Spawned = Awaited<ReturnType<typeof spawnPostmaster>>

async function takeServer(cluster: Cluster, options: EmbeddedOptions, port?: number): Promise<Server> {
  const mine: { server?: Spawned } = {}
  try {
    return await findOrStart(cluster, options, port, mine)
  } catch (error) {
    // Whoever holds the lock may well be using the server that we started.
    if (mine.server && !(error instanceof AlreadyRunning)) await stopPostmaster(mine.server.pid)
    throw error
  }
}

/** Finds the server that runs or starts one, until one answers; then takes the lock or says who has it. */
async function findOrStart(
  cluster: Cluster,
  { log, settings = {} }: EmbeddedOptions,
  port: number | undefined,
  mine: { server?: Spawned },
): Promise<Server> {
  const until = Date.now() + START_LIMIT_MS
  let failures = 0
  while (Date.now() < until) {
    const file = await readPidFile(cluster.dir)
    const runs = file !== undefined && (await servesCluster(file.pid, cluster.dir))
    if (runs && file.port && file.status === 'ready') {
      const owner = await connect(cluster, file.port)
      if (owner) {
        await takeLock(owner, cluster)
        await createDatabase(owner)
        const adopted = file.pid !== mine.server?.pid
        log.info({ pid: file.pid, port: file.port }, `database server ${adopted ? 'adopted' : 'started'}`)
        return { pid: file.pid, port: file.port, adopted, owner }
      }
    }
    if (mine.server?.exited()) {
      // Another start was quicker, the port was taken meanwhile, or a killed server's last backends still end.
      mine.server = undefined
      failures += 1
      if (failures === MOST_FAILURES && !runs) throw unavailable(await failure(cluster))
      await sleep(300)
    } else if (!runs && !mine.server) {
      mine.server = await spawnPostmaster(cluster, port ?? (await freePort()), settings, file?.pid)
    }
    await sleep(20)
  }
  throw unavailable(
    `The embedded database did not start within ${START_LIMIT_MS / 1000} s; see ${cluster.logFile}.`,
  )
}

/** A connection to the maintenance database, or nothing while the server cannot take one. */
async function connect(cluster: Cluster, port: number): Promise<Client | undefined> {
  const client = new Client({
    connectionString: urlOf(cluster, port, 'postgres'),
    application_name: `tocsin ${process.pid}`,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  })
  // Until the watch is set up: an error event without a listener would end the process.
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ dir: string }>("select current_setting('data_directory') as dir")
    if ((await realpath(rows[0]!.dir)) === cluster.dir) return client
    await client.end()
  } catch (error) {
    await client.end().catch(() => undefined)
    // invalid_password: the server answers, and does not know the password beside its own data.
    if ((error as { code?: string }).code === '28P01') {
      throw unavailable(`The database in ${cluster.dir} refuses the password in its tocsin.password file.`)
    }
    return undefined
  }
  throw unavailable(`Another Postgres answers on port ${port}, where ${cluster.dir} should.`)
}

async function takeLock(client: Client, cluster: Cluster): Promise<void> {
  const until = Date.now() + LOCK_PATIENCE_MS
  do {
    const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [
      OWNER_LOCK,
    ])
    if (rows[0]!.taken) return
    await sleep(100)
  } while (Date.now() < until)
  const { rows } = await client.query<{ who: string }>(
    `select application_name as who from pg_locks join pg_stat_activity using (pid)
     where locktype = 'advisory' and granted and classid = 0 and objid = $1 and objsubid = 1`,
    [OWNER_LOCK],
  )
  await client.end()
  const pid = /^tocsin (\d+)$/.exec(rows[0]?.who ?? '')?.[1]
  throw new AlreadyRunning(
    `Tocsin is already running on this data directory (${cluster.dir}${pid ? `, process ${pid}` : ''}). ` +
      'Stop it first, or choose another DATA_DIR.',
  )
}

async function createDatabase(client: Client): Promise<void> {
  const { rowCount } = await client.query("select from pg_database where datname = 'tocsin'")
  if (rowCount === 0) await client.query('create database tocsin')
}

async function failure(cluster: Cluster): Promise<string> {
  const text = await readFile(cluster.logFile, 'utf8').catch(() => '')
  const last = text.trim().split('\n').slice(-6).join('\n')
  return `The embedded database did not start. The end of ${cluster.logFile}:\n${last}`
}
