import pg from 'pg'
import { answerOutcome } from '../src/chat/answer.ts'
import { type Db, openDb } from '../src/db/pool.ts'
import { isTocsinError } from '../src/errors.ts'
import { acknowledge } from '../src/operations/incident/acknowledge.ts'
import { perform } from '../src/operations/perform.ts'
import { query, type Server, settle } from './support/database.ts'
import { foundOrganization, type Organization } from './support/organization.ts'
import { record, type Statement } from './support/record.ts'
import type { Figure } from './support/report.ts'
import { measureRounds } from './support/rounds.ts'
import { median, rounded } from './support/stats.ts'
import { declareMany, type Waiting } from './verb/incidents.ts'
import { replay } from './verb/replay.ts'

const rounds = 9
const budgetMs = 30_000
const inRound = { 1: 150, 8: 300 } as const
const warmUp = 400
/** So many are declared beforehand: as many as the budget can ever use. */
const prepared = 24_000
const goal = 0.6

/** A whole `ack`, as a slash command asks for it, against its own statements sent by the driver alone. */
export async function measureVerb(server: Server): Promise<Figure[]> {
  const url = await server.createDatabase('verb')
  const organization = await foundOrganization(url)
  const waiting = await declareMany(url, organization, prepared)
  await settle(url)
  const recorded = await recordOne(url, organization, waiting)
  const figures: Figure[] = []
  for (const connections of [1, 8] as const) {
    figures.push(await compare(url, organization, recorded, waiting, connections))
  }
  await check(url, prepared - waiting.length)
  await server.dropDatabase('verb')
  return figures
}

type Recorded = { statements: Statement[]; of: Waiting; kept: Set<string> }

const audienceOf = ({ workspace }: Organization, { inbox }: Waiting) => ({
  workspace,
  user: 'U0BENCH',
  reply: {
    type: 'response' as const,
    url: 'https://hooks.slack.com/commands/T0BENCH/1/2',
    channel: 'C0BENCH',
    user: 'U0BENCH',
  },
  channel: 'C0BENCH',
  direct: false,
  sharedOutside: false,
  clearance: [],
  inboxId: inbox,
})

/** What chat does with the verb once it has been read. */
const ack = (db: Db, organization: Organization, one: Waiting) =>
  perform(
    db,
    organization.actor,
    acknowledge,
    { incident: one.key },
    {
      inboxId: one.inbox,
      settle: async (scope, result) => {
        if (isTocsinError(result)) throw result
        await answerOutcome(scope, audienceOf(organization, one), result, organization.actor)
      },
    },
  )

/** The second one is recorded: the lanes exist then, as they do for everybody but a channel's first. */
async function recordOne(url: string, organization: Organization, waiting: Waiting[]): Promise<Recorded> {
  const db = openDb(url, { appConnections: 1 })
  await ack(db, organization, waiting.pop()!)
  const of = waiting.pop()!
  const statements = await record(() => ack(db, organization, of))
  await db.close()
  const lanes = await query<{ id: string }>(url, 'select id from lanes')
  const { orgId, workspace, actor } = organization
  return {
    statements,
    of,
    kept: new Set([orgId, workspace.id, actor.personId, ...lanes.map(({ id }) => id)]),
  }
}

async function compare(
  url: string,
  organization: Organization,
  recorded: Recorded,
  waiting: Waiting[],
  connections: 1 | 8,
): Promise<Figure> {
  const db = openDb(url, { appConnections: connections })
  // As the program's own connections are.
  const clients = Array.from(
    { length: connections },
    () => new pg.Client({ connectionString: url, options: '-c role=tocsin_app -c statement_timeout=9750' }),
  )
  await Promise.all(clients.map((client) => client.connect()))
  const whole = (count: number) => {
    const left = waiting.splice(0, count)
    return timed(clients, count, async () => void (await ack(db, organization, left.pop()!)))
  }
  const alone = (count: number) => {
    const left = waiting
      .splice(0, count)
      .map((to) => replay(recorded.statements, recorded.of, to, recorded.kept))
    return timed(clients, count, async (client) => {
      for (const statement of left.pop()!) await client.query(statement)
    })
  }
  await alone(warmUp)
  await whole(warmUp)
  const { results, others } = await measureRounds({ wanted: rounds, budgetMs }, async () => {
    const theirs = await alone(inRound[connections])
    return { theirs, ours: await whole(inRound[connections]) }
  })
  await Promise.all([db.close(), ...clients.map((client) => client.end())])
  const medianOf = (side: 'ours' | 'theirs') => median(results.map((result) => result[side]))
  return {
    name: `ack, ${connections === 1 ? 'one connection' : `${connections} connections`}`,
    ours: `${rounded(medianOf('ours'))}/s`,
    against: `${rounded(medianOf('theirs'))}/s, its ${recorded.statements.length} statements alone`,
    ratio: median(results.map(({ ours, theirs }) => ours / theirs)),
    others,
    goal: { atLeast: goal },
  }
}

/** One loop a connection. @returns how many a second. */
async function timed(
  clients: pg.Client[],
  count: number,
  work: (client: pg.Client) => Promise<void>,
): Promise<number> {
  let left = count
  const started = performance.now()
  await Promise.all(
    clients.map(async (client) => {
      while (left-- > 0) await work(client)
    }),
  )
  return count / ((performance.now() - started) / 1000)
}

/** Both sides did the same: everything that an acknowledgement leaves behind is there, once for each. */
async function check(url: string, done: number): Promise<void> {
  const [found] = await query<Record<string, number>>(
    url,
    `select (select count(*) from incidents where status = 'IN_PROGRESS' and version = 2)::int as incidents,
      (select count(*) from inbox where state = 'done')::int as inbox,
      (select count(*) from audit where operation = 'acknowledge')::int as audit,
      (select count(*) / 3 from deliveries)::int as deliveries`,
  )
  for (const [what, count] of Object.entries(found!)) {
    if (count !== done) throw new Error(`${count} ${what} where ${done} acknowledgements were made`)
  }
}
