import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startEmbedded } from '../../src/db/embedded.ts'
import { migrate } from '../../src/db/migrate.ts'
import { createLogger } from '../../src/log.ts'

export type Server = {
  /** A migrated database of its own, by its owner's address. */
  createDatabase(name: string): Promise<string>
  dropDatabase(name: string): Promise<void>
  /** What the server says of itself: its version and the settings that decide about commits. */
  facts(): Promise<string>
  stop(): Promise<void>
}

/** Ours as every small installation has it: no setting is changed, so fsync and synchronous_commit are on. */
export async function startServer(): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-bench-'))
  // mkdtemp closes it; as root the server runs as a user who must get in.
  await chmod(folder, 0o755)
  const embedded = await startEmbedded({ dataDir: folder, log: createLogger('error') })
  const urlOf = (name: string) => {
    const url = new URL(embedded.url)
    url.pathname = `/${name}`
    return url.href
  }
  return {
    async createDatabase(name) {
      await query(embedded.url, `create database ${name}`)
      await migrate(urlOf(name))
      return urlOf(name)
    },
    dropDatabase: async (name) => {
      await query(embedded.url, `drop database ${name} with (force)`)
    },
    async facts() {
      const [row] = await query<{ text: string }>(
        embedded.url,
        `select 'Postgres ' || current_setting('server_version') || ', fsync ' || current_setting('fsync')
          || ', synchronous_commit ' || current_setting('synchronous_commit')
          || ', shared_buffers ' || current_setting('shared_buffers') as text`,
      )
      return row!.text
    },
    async stop() {
      await embedded.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** One statement, or several without values, on a connection of its own. */
export async function query<Row extends pg.QueryResultRow>(
  url: string,
  text: string,
  values?: unknown[],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<Row>(text, values)
    return rows
  } finally {
    await client.end()
  }
}

/** Before a measurement: what was filled in is on disk and counted, so that neither falls into it. */
export const settle = (url: string): Promise<unknown> =>
  query(url, 'vacuum analyze').then(() => query(url, 'checkpoint'))
