/**
 * The whole product, started for a story: real HTTP, real Postgres, only the vendors' servers stood in for.
 *
 *   const tocsin = await startTocsin({ configuration: exampleCorp })
 *   const sent = await tocsin.slack.as('UIDA').command('declare Checkout is down', { channel: 'C1' })
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { createLogger } from '../../src/log.ts'
import { createDatabase } from './database.ts'
import { type SlackStandIn, startSlackStandIn } from './slack-stand-in.ts'

export type Tocsin = {
  url: string
  slack: SlackStandIn
  /** The owner's connection: for looking, and for what only a test may do. */
  sql: <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => Promise<Row[]>
  /** Moves business time: `30 minutes`. Leases, signatures and pacing stay on real time. */
  advance(interval: string): Promise<void>
  /** Resolves once nothing waits in the inbox or the outbox. */
  settled(): Promise<void>
  stop(): Promise<void>
}

export async function startTocsin(
  options: { configuration?: string; env?: Record<string, string> } = {},
): Promise<Tocsin> {
  const database = await createDatabase()
  const slack = await startSlackStandIn()
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-story-'))
  const file = join(folder, 'tocsin.yaml')
  await writeFile(file, options.configuration ?? exampleCorp)
  for (const user of exampleUsers) slack.addUser(user)
  const env = {
    PORT: '0',
    DATABASE_URL: database.url,
    DATA_DIR: folder,
    TOCSIN_SECRET: 'a-secret-for-tests-alone',
    TOCSIN_CONFIG: file,
    LOG_LEVEL: process.env.TEST_LOG ?? 'silent',
    ...slack.env(),
    ...options.env,
  }
  const config = readConfig(env)
  const app = await createApp(config, env, createLogger(config.logLevel))
  await app.start()
  slack.connect(app.url)
  const owner = new pg.Pool({ connectionString: database.url, max: 2 })
  const sql: Tocsin['sql'] = async (text, values) => (await owner.query(text, values)).rows
  // Requests before the workspace is known are refused; stories begin after it.
  await slack.waitFor(
    async () => (await sql("select 1 from workspaces where platform = 'slack'")).length > 0,
    {
      what: 'the workspace',
    },
  )
  return {
    url: app.url,
    slack,
    sql,
    advance: async (interval) => {
      await sql('update clock set shift = shift + $1::interval', [interval])
    },
    settled: async () => {
      await slack.waitFor(
        async () => {
          const [row] = await sql<{ waiting: number }>(`select
            (select count(*) from inbox where state = 'queued')::int +
            (select count(*) from deliveries where state in ('queued', 'sending'))::int as waiting`)
          return row!.waiting === 0
        },
        { timeoutMs: 15_000, what: 'an empty inbox and outbox' },
      )
    },
    async stop() {
      await app.stop()
      await slack.close()
      await owner.end()
      await database.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** One person of each department and rank, named so that a story reads by itself. */
export const exampleUsers = [
  { id: 'UIDA', name: 'Ida Torres', email: 'ida@example.com' },
  { id: 'UIVO', name: 'Ivo Lang', email: 'ivo@example.com' },
  { id: 'UOLGA', name: 'Olga Brandt', email: 'olga@example.com' },
  { id: 'UFINN', name: 'Finn Weber', email: 'finn@example.com' },
  { id: 'UCARLA', name: 'Carla Mendes', email: 'carla@example.com' },
  { id: 'UVIC', name: 'Vic Viewer', email: 'vic@example.com' },
  { id: 'ULENA', name: 'Lena Lead', email: 'lena@example.com' },
  { id: 'UMAYA', name: 'Maya Okafor', email: 'maya@example.com' },
  { id: 'UVERA', name: 'Vera Prince', email: 'vera@example.com' },
  { id: 'UADA', name: 'Ada Admin', email: 'ada@example.com' },
  { id: 'UPAT', name: 'Pat Plain', email: 'pat@elsewhere.example' },
]

export const exampleCorp = `
organization: Example Corp
currency: USD
email_domains: [example.com]
teams:
  - name: payments
    channel: { slack: C0PAYMENTS }
  - { name: platform }
people:
  - { name: Ida Torres, email: ida@example.com, department: IT, rank: oncall_engineer, teams: [payments] }
  - { name: Ivo Lang, email: ivo@example.com, department: IT, rank: user, teams: [platform] }
  - { name: Olga Brandt, email: olga@example.com, department: OPS, rank: user }
  - { name: Finn Weber, email: finn@example.com, department: FINANCE, rank: user }
  - { name: Carla Mendes, email: carla@example.com, department: CSM, rank: user }
  - { name: Vic Viewer, email: vic@example.com, department: none, rank: viewer }
  - { name: Lena Lead, email: lena@example.com, department: none, rank: team_lead, teams: [payments] }
  - { name: Maya Okafor, email: maya@example.com, department: none, rank: manager, teams: [payments] }
  - { name: Vera Prince, email: vera@example.com, department: none, rank: vp }
  - { name: Ada Admin, email: ada@example.com, department: none, rank: user, admin: true }
categories:
  - { name: Database, department: IT }
services:
  - { name: api-gateway, team: payments, critical: true, cost_per_minute: 120 }
  - { name: postgres, team: platform }
incident_channel: { slack: C0INCIDENTS }
channels:
  - { slack: C0FINANCE, clearance: [view_cost_impact] }
`
