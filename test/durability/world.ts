/** A database, Slack's stand-in and any number of replicas of the real program on them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { exampleUsers } from '../support/app.ts'
import { createDatabase } from '../support/database.ts'
import { type SlackStandIn, startSlackStandIn } from '../support/slack-stand-in.ts'
import { endAll, type Running, startProcess } from './process.ts'

/** Nobody's channel but the one that it was declared in shows an incident: every channel keeps its own pace. */
export const configuration = `
organization: Example Corp
email_domains: [example.com]
people:
  - { name: Ida Torres, email: ida@example.com, department: IT, rank: oncall_engineer }
  - { name: Ivo Lang, email: ivo@example.com, department: IT, rank: user }
  - { name: Olga Brandt, email: olga@example.com, department: OPS, rank: user }
  - { name: Maya Okafor, email: maya@example.com, department: none, rank: manager }
  - { name: Vera Prince, email: vera@example.com, department: none, rank: vp }
  - { name: Ada Admin, email: ada@example.com, department: IT, rank: cto, admin: true }
  - { name: Vic Viewer, email: vic@example.com, department: none, rank: viewer }
`

/**
 * A limit that holds on a machine of one's own, stretched where others keep it busy: tests of time say something
 * about the program, not about its neighbours.
 */
export const within = (ms: number): number => ms * Math.max(1, loadavg()[0]! / (1.5 * availableParallelism()))

export type World = {
  slack: SlackStandIn
  databaseUrl: string
  /** The owner's connection: for looking. */
  sql: <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => Promise<Row[]>
  env: Record<string, string>
  /** One more replica; connected to Slack when this resolves. */
  replica(env?: Record<string, string>): Promise<Running>
  /** Resolves once nothing waits in the inbox and every answer is sent. */
  answered(timeoutMs: number): Promise<void>
  /** Resolves once nothing waits in the inbox or the outbox; a channel gets a message a second. */
  settled(timeoutMs?: number): Promise<void>
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export async function createWorld(
  options: { configuration?: string; database?: { url: string; drop(): Promise<void> } } = {},
): Promise<World> {
  const database = options.database ?? (await createDatabase())
  const slack = await startSlackStandIn()
  for (const user of exampleUsers) slack.addUser(user)
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-durability-'))
  const file = join(folder, 'tocsin.yaml')
  await writeFile(file, options.configuration ?? configuration)
  const replicas: Running[] = []
  const owner = new pg.Pool({ connectionString: database.url, max: 2 })
  owner.on('error', () => undefined)
  const sql: World['sql'] = async (text, values) => (await owner.query(text, values)).rows
  const env = {
    PORT: '0',
    DATABASE_URL: database.url,
    DATA_DIR: folder,
    TOCSIN_SECRET: 'a-secret-for-tests-alone',
    TOCSIN_CONFIG: file,
    ...slack.env(),
  }
  const close = async () => {
    await endAll(replicas)
    await slack.close()
    await owner.end()
    await database.drop()
    await rm(folder, { recursive: true, force: true })
  }
  return {
    slack,
    databaseUrl: database.url,
    sql,
    env,
    async replica(more) {
      const started = await startProcess({ ...env, ...more })
      replicas.push(started)
      if (!started.url)
        throw new Error(`It ended at once: ${started.stderr()} ${JSON.stringify(started.log)}`)
      slack.connect(started.url)
      // Until Slack has said who we are, requests are refused.
      await slack.waitFor(() => started.log.some((line) => line.msg === 'Connected to Slack'), {
        what: 'the connection to Slack',
        timeoutMs: within(10_000),
      })
      return started
    },
    answered: (timeoutMs) => emptied(slack, sql, `and notification ->> 'type' = 'answer'`, timeoutMs),
    settled: (timeoutMs = 60_000) => emptied(slack, sql, '', timeoutMs),
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function emptied(
  slack: SlackStandIn,
  sql: World['sql'],
  which: string,
  timeoutMs: number,
): Promise<void> {
  const waiting = () =>
    sql(`select 'inbox' as queue, payload ->> 'text' as what, attempts, lease_until, error
        from inbox where state = 'queued'
      union all
      select 'outbox', notification ->> 'type', attempts, due_at, error
        from deliveries where state in ('queued', 'sending') ${which}`)
  try {
    await slack.waitFor(async () => !(await waiting()).length, { timeoutMs, what: 'an end' })
  } catch (error) {
    const left = JSON.stringify(await waiting(), null, 1)
    throw new Error(`There is still something waiting after ${timeoutMs} ms: ${left}`, { cause: error })
  }
}
