import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Actor } from '../../src/core/actor.ts'
import type { OrgTx } from '../../src/db/pool.ts'
import { openDb } from '../../src/db/pool.ts'
import { uuid } from '../../src/db/uuid.ts'
import { createEngine, type Engine } from '../../src/engine/engine.ts'
import { createLogger } from '../../src/log.ts'
import type { AnyOperation } from '../../src/operations/define.ts'
import { acknowledge } from '../../src/operations/incident/acknowledge.ts'
import { escalate } from '../../src/operations/incident/escalate.ts'
import { updatePriority } from '../../src/operations/incident/update-priority.ts'
import { perform } from '../../src/operations/perform.ts'
import { createRandom } from '../durability/burst.ts'
import { recordingPlatform, until } from '../engine/support.ts'
import { createWorld, type World } from '../people/support.ts'
import { seeds, thorough } from './seeds.ts'

/** Escalations at once, each stepping as fast as three engines go, until somebody acknowledges. */
const atOnce = 100
const rounds = thorough ? 100 : 3
/** Who acknowledge at the same time. */
const people = 8
/** More steps than an escalation can take before its acknowledgement. */
const steps = 45

let world: World
const engines: { engine: Engine; close(): Promise<void> }[] = []
beforeEach(async () => {
  world = await createWorld()
})
afterEach(async () => {
  await Promise.all(engines.splice(0).map(({ close }) => close()))
  await world.close()
})

/**
 * Everybody has an account in Slack and one in Teams, where they are told a minute later; the policy pages one of them
 * after the other, without any pause.
 */
async function seed() {
  const { owner, orgId, slack, teams } = world
  const ada = await world.person('Ada', { rank: 'cto', admin: true })
  const paged = await Promise.all(['Ida', 'Lena', 'Maya'].map((name) => world.person(name, { rank: 'user' })))
  const accounts = [ada, ...paged].flatMap((person_id, index) =>
    [slack, teams].map(({ id: workspace_id }) => {
      const [external_id, name, kind] = [`U${index}`, `U${index}`, 'member' as const]
      return { org_id: orgId, workspace_id, external_id, person_id, name, kind }
    }),
  )
  await owner.insertInto('identities').values(accounts).execute()
  const ways = JSON.stringify([
    { route: 'slack', afterSeconds: 0 },
    { route: 'teams', afterSeconds: 60 },
  ])
  await owner
    .insertInto('preferences')
    .values(
      paged.map((person_id) => ({ org_id: orgId, person_id, high: ways, low: ways, quiet_hours: null })),
    )
    .execute()
  const policy = uuid()
  await owner.insertInto('policies').values({ org_id: orgId, id: policy, name: 'at once' }).execute()
  await owner
    .insertInto('policy_versions')
    .values({
      org_id: orgId,
      policy_id: policy,
      version: 1,
      repeats: 0,
      steps: JSON.stringify(
        Array.from({ length: steps }, (_, index) => ({
          afterSeconds: 0,
          notify: [{ type: 'person', personId: paged[index % paged.length] }],
          actions: [],
        })),
      ),
    })
    .execute()
  return { ada, policy }
}

/** Incidents whose first step is due now. */
async function declareMany(policy: string, from: number): Promise<string[]> {
  const { owner, orgId } = world
  const incidents = Array.from({ length: atOnce }, (_, index) => ({ id: uuid(), number: from + index }))
  await owner.transaction().execute(async (tx) => {
    await tx
      .insertInto('incidents')
      .values(
        incidents.map(({ id, number }) => ({
          org_id: orgId,
          id,
          number,
          title: `Fault ${number}`,
          priority: 'P3' as const,
        })),
      )
      .execute()
    await tx
      .insertInto('escalations')
      .values(
        incidents.map(({ id }) => ({
          org_id: orgId,
          id: uuid(),
          incident_id: id,
          policy_id: policy,
          policy_version: 1,
          due_at: new Date(Date.now() - 1_000),
        })),
      )
      .execute()
  })
  return incidents.map(({ number }) => `INC-${String(number).padStart(3, '0')}`)
}

/** A replica of its own: its connections, its jobs. What it logs as an error is kept. */
async function startReplica(failures: unknown[]) {
  const db = openDb(world.url)
  const log = createLogger('silent')
  log.error = ((facts: { err?: Error }, message: string) =>
    void failures.push(`${message}: ${facts.err?.message}`)) as typeof log.error
  const engine = createEngine({
    db,
    platforms: new Map([['slack' as const, recordingPlatform().platform]]),
    work: async () => undefined,
    renderIncident: async () => undefined,
    renderOutcome: async () => undefined,
    log,
  })
  await engine.start()
  const close = async () => {
    await engine.stop()
    await db.close()
  }
  engines.push({ engine, close })
  return engine
}

const pagesOf = async ({ tx }: Pick<OrgTx, 'tx'>, key: string): Promise<number> => {
  const { count } = await tx
    .selectFrom('pages')
    .innerJoin('incidents', 'incidents.id', 'pages.incident_id')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('incidents.key', '=', key)
    .executeTakeFirstOrThrow()
  return count
}

test.for(seeds.slice(0, 1))(
  `${rounds * atOnce} acknowledgements against escalations that go on all the while: none is paged after one (seed %i)`,
  { timeout: 60_000 + rounds * 15_000 },
  async (number) => {
    const random = createRandom(number)
    const { ada, policy } = await seed()
    const failures: unknown[] = []
    const replicas = await Promise.all([1, 2, 3].map(() => startReplica(failures)))
    const actor: Actor = { orgId: world.orgId, personId: ada, name: 'Ada', surface: 'slack' }
    const say = (operation: AnyOperation, input: object, settle?: (scope: OrgTx) => Promise<void>) =>
      perform(world.db, actor, operation, input, settle && { settle })
    const pagesAt = new Map<string, number>()

    /** Some are escalated by hand before it, or change their priority at the same moment. */
    const work = async (incident: string) => {
      await pause(random.below(100))
      if (random.next() < 0.1) await say(escalate, { incident })
      const beside = random.next() < 0.1
      const priority = `P${1 + random.below(5)}`
      await Promise.all([
        beside && say(updatePriority, { incident, priority }),
        say(acknowledge, { incident }, async (scope) => {
          pagesAt.set(incident, await pagesOf(scope, incident))
        }),
      ])
    }

    for (let round = 0; round < rounds; round += 1) {
      const keys = await declareMany(policy, 1 + round * atOnce)
      for (const replica of replicas) replica.wake('escalate')
      const waiting = [...keys]
      const one = async () => {
        for (let key = waiting.shift(); key; key = waiting.shift()) await work(key)
      }
      await Promise.all(Array.from({ length: people }, one))
      await Promise.all(
        keys.map(async (key) => {
          const later = await world.within((scope) => pagesOf(scope, key))
          expect(later, `${key}: pages after its acknowledgement`).toBe(pagesAt.get(key))
        }),
      )
    }
    // Whoever was in the middle of something has ended by now.
    await until(async () => (await unsettled()) === 0, 30_000)
    expect(failures).toEqual([])
    await expectStopped(pagesAt)
  },
)

/** Nothing of a page is left to send. */
async function unsettled(): Promise<number> {
  const { count } = await world.owner
    .selectFrom('deliveries')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('page_id', 'is not', null)
    .where('state', 'in', ['waiting', 'queued', 'sending'])
    .executeTakeFirstOrThrow()
  return Number(count)
}

async function expectStopped(pagesAt: Map<string, number>): Promise<void> {
  const rows = await sql<{ key: string; pages: number; open: number; live: number; sent: number }>`
    select i.key, count(p.id)::int as pages, (count(p.id) filter (where p.closed_at is null))::int as open,
      (select count(*)::int from escalations e where e.incident_id = i.id
        and e.state in ('running', 'snoozed', 'acknowledged')) as live
    from incidents i left join pages p on p.incident_id = i.id group by i.org_id, i.id, i.key`.execute(
    world.owner,
  )
  expect(rows.rows).toHaveLength(pagesAt.size)
  for (const { key, pages, open, live } of rows.rows) {
    expect({ key, pages, open, live }).toEqual({ key, pages: pagesAt.get(key), open: 0, live: 0 })
  }
  const all = [...pagesAt.values()]
  console.log({
    acknowledgements: all.length,
    pages: all.reduce((sum, each) => sum + each, 0),
    withdrawn: await withdrawn(),
    atOnceStopped: all.filter((each) => each === 0).length,
    exhausted: all.filter((each) => each >= steps).length,
  })
  // It would prove nothing if they had all ended before, or not begun.
  expect(all.filter((each) => each > 0 && each < steps).length).toBeGreaterThan(all.length / 2)
}

async function withdrawn(): Promise<number> {
  const { count } = await world.owner
    .selectFrom('deliveries')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('page_id', 'is not', null)
    .where('state', '=', 'withdrawn')
    .executeTakeFirstOrThrow()
  return Number(count)
}
