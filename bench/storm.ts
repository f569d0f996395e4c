import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { claimLanes } from '../src/core/deliveries.ts'
import { claimDue, promoteLater } from '../src/core/escalation/claim.ts'
import { type Db, openDb } from '../src/db/pool.ts'
import { acknowledge } from '../src/operations/incident/acknowledge.ts'
import { perform } from '../src/operations/perform.ts'
import type { tocsin } from './receive/tocsin-side.ts'
import { explained } from './storm/explain.ts'
import { fillEscalations, letFallDue, teams } from './storm/fill.ts'
import type { slack } from './storm/slack-side.ts'
import { type Child, start } from './support/child.ts'
import { type Server, settle } from './support/database.ts'
import { foundOrganization, type Organization } from './support/organization.ts'
import { record } from './support/record.ts'
import type { Figure } from './support/report.ts'
import { measureRounds } from './support/rounds.ts'
import { median, percentile, rounded } from './support/stats.ts'

const active = 100_000
const rounds = 3
const budgetMs = 60_000
/** From due to handed to the platform, seconds. */
const lateGoal = 2
/** An acknowledgement in the middle of it, milliseconds. */
const ackGoal = 100
/** What a tick that finds nothing may take of the database, milliseconds. */
const tickGoal = 5

/** A thousand escalations that fall due in the same second, among a hundred thousand. */
export async function measureStorm(server: Server): Promise<{ figures: Figure[]; scans: string[] }> {
  const url = await server.createDatabase('storm')
  const organization = await foundOrganization(url)
  await fillEscalations(url, organization, active)
  await settle(url)
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-bench-data-'))
  const standIn = await start<typeof slack>(new URL('./storm/slack-side.ts', import.meta.url))
  const slackApiUrl = await standIn.call('start')
  const owner = new pg.Client({ connectionString: url })
  await owner.connect()
  const db = openDb(url)
  const replicas: Child<typeof tocsin>[] = []
  const grow = async (to: number) => {
    while (replicas.length < to) {
      const child = await start<typeof tocsin>(new URL('./receive/tocsin-side.ts', import.meta.url))
      await child.call('start', {
        databaseUrl: url,
        dataDir: join(folder, `${replicas.length}`),
        slackApiUrl,
      })
      replicas.push(child)
    }
    await delay(2_000)
  }
  try {
    const figures = [...(await idle(db, organization, url))]
    const { scans } = figures.length ? figures[0]! : { scans: [] as string[] }
    let round = 0
    const storm = async (during?: (until: () => boolean) => Promise<void>) => {
      const due = await letFallDue(owner, round++)
      await delay(due - Date.now())
      const beside = during?.(() => Date.now() > due + 2_000)
      for (const until = due + 30_000; (await standIn.call('count')) < (during ? 1 : teams); ) {
        if (Date.now() > until) throw new Error(`${await standIn.call('count')} of ${teams} pages came`)
        await delay(50)
      }
      await beside
      // The lanes rest a second after each message.
      await delay(1_500)
      return (await standIn.call('take')).map((at) => at - due)
    }
    const late = async (count: number): Promise<Figure> => {
      await grow(count)
      await storm()
      const { results, others } = await measureRounds({ wanted: rounds, budgetMs }, () => storm())
      const p99 = median(results.map((times) => percentile(times, 0.99))) / 1000
      return {
        name: `1,000 steps due at once among 100,000, ${count === 1 ? 'one replica' : `${count} replicas`}: due to handed over, p99`,
        ours: `${rounded(p99)} s`,
        against: `${lateGoal} s`,
        ratio: p99 / lateGoal,
        goal: { atMost: 1 },
        others,
      }
    }
    const first = await late(1)
    const acks = await acknowledging(db, organization, () => round, storm)
    return { figures: [...figures.map(({ figure }) => figure), first, acks, await late(3)], scans }
  } finally {
    for (const child of replicas) await child.stop()
    await standIn.stop()
    await db.close()
    await owner.end()
    await server.dropDatabase('storm')
    await rm(folder, { recursive: true, force: true })
  }
}

/** The statements of a tick that finds nothing due, explained with what they took. */
async function idle(db: Db, { orgId }: Organization, url: string) {
  const look = async () => {
    await promoteLater(db)
    const { due } = await claimDue(db, 200)
    const claims = await claimLanes(db, 64)
    if (due.length + claims.length) throw new Error('something is due')
  }
  await look()
  const statements = await record(look)
  const { milliseconds, scans } = await explained(url, orgId, statements)
  const figure: Figure = {
    name: 'a tick that finds nothing due among 100,000: time of the database',
    ours: `${rounded(milliseconds)} ms`,
    against: `${tickGoal} ms`,
    ratio: milliseconds / tickGoal,
    goal: { atMost: 1 },
    others: 0,
  }
  return [{ figure, scans }]
}

/** Somebody acknowledges one incident after another while the storm passes; half of them are in it. */
async function acknowledging(
  db: Db,
  organization: Organization,
  round: () => number,
  storm: (during: (until: () => boolean) => Promise<void>) => Promise<number[]>,
): Promise<Figure> {
  const once = async () => {
    const times: number[] = []
    const inStorm = round() * teams
    let next = 0
    await storm(async (over) => {
      while (!over()) {
        next += 1
        // From the far end of the storm, and from where nothing is due.
        const number = next % 2 ? inStorm + teams - next : active - round() * 1_000 - next
        const began = performance.now()
        await perform(db, organization.actor, acknowledge, { incident: `INC-${number}` })
        times.push(performance.now() - began)
      }
    })
    return percentile(times, 0.99)
  }
  const { results, others } = await measureRounds({ wanted: rounds, budgetMs }, once)
  const p99 = median(results)
  return {
    name: 'an acknowledgement during that storm, p99',
    ours: `${rounded(p99)} ms`,
    against: `${ackGoal} ms`,
    ratio: p99 / ackGoal,
    goal: { atMost: 1 },
    others,
  }
}
