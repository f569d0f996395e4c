import { type Db, openDb } from '../src/db/pool.ts'
import type { AnyOperation } from '../src/operations/define.ts'
import { list } from '../src/operations/incident/list.ts'
import { search } from '../src/operations/incident/search.ts'
import { show } from '../src/operations/incident/show.ts'
import { timeline } from '../src/operations/incident/timeline.ts'
import { perform } from '../src/operations/perform.ts'
import { fill, open, rareTeam } from './lists/fill.ts'
import { sequentialScans } from './lists/plans.ts'
import { type Server, settle } from './support/database.ts'
import { foundOrganization, type Organization } from './support/organization.ts'
import { record } from './support/record.ts'
import type { Figure, Goal } from './support/report.ts'
import { measureRounds } from './support/rounds.ts'
import { median, rounded } from './support/stats.ts'

const goal: Goal = { atMost: 1.3 }
const rounds = 20
const budgetMs = 6_000
const inRound = 15
/** What takes long is not asked fifteen times a round. */
const patienceMs = 300

type Side = { url: string; closed: number; organization: Organization; db: Db }

type Question = {
  name: string
  operation: AnyOperation
  /** Another one each time, where the question is about one incident. */
  input: (closed: number) => Record<string, unknown>
  goal?: Goal
}

const anyClosed = (closed: number) => ({ incident: `INC-${1 + Math.floor(Math.random() * closed)}` })
const anyOpen = (closed: number) => ({ incident: `INC-${closed + 1 + Math.floor(Math.random() * open)}` })

const questions: Question[] = [
  { name: 'list', operation: list, input: () => ({}), goal },
  { name: 'show, an open incident', operation: show, input: anyOpen, goal },
  { name: 'show, a closed incident', operation: show, input: anyClosed, goal },
  { name: 'list mine', operation: list, input: () => ({ scope: 'mine' }) },
  { name: 'list closed', operation: list, input: () => ({ scope: 'closed' }) },
  { name: 'list all', operation: list, input: () => ({ scope: 'all' }) },
  {
    name: 'list closed, a team that had four',
    operation: list,
    input: () => ({ scope: 'closed', team: rareTeam }),
  },
  { name: 'timeline, an open incident', operation: timeline, input: anyOpen },
  { name: 'timeline, a closed incident', operation: timeline, input: anyClosed },
  { name: 'search, one hit', operation: search, input: () => ({ text: 'case-700' }) },
  { name: 'search, every tenth incident', operation: search, input: () => ({ text: 'checkout' }) },
  { name: 'search, every incident', operation: search, input: () => ({ text: 'fails' }) },
]

/** The same questions to two installations of the same age, one with a thousand times the closed incidents. */
export async function measureLists(server: Server): Promise<{ figures: Figure[]; scans: string[] }> {
  const small = await side(server, 'thousand', 1_000)
  const large = await side(server, 'million', 1_000_000)
  const figures: Figure[] = []
  const scans: string[] = []
  for (const question of questions) {
    figures.push(await compare(question, small, large))
    if (!question.goal) continue
    const statements = await record(() => ask(question, large))
    const { url, organization } = large
    const found = await sequentialScans(url, organization.orgId, statements)
    scans.push(...found.map((name) => `${question.name} reads all of ${name}`))
  }
  for (const { db } of [small, large]) await db.close()
  for (const name of ['thousand', 'million']) await server.dropDatabase(name)
  return { figures, scans }
}

async function side(server: Server, name: string, closed: number): Promise<Side> {
  const url = await server.createDatabase(name)
  const organization = await foundOrganization(url)
  await fill(url, organization, closed)
  await settle(url)
  return { url, closed, organization, db: openDb(url, { appConnections: 1 }) }
}

const ask = ({ operation, input }: Question, { organization, closed, db }: Side) =>
  perform(db, organization.actor, operation, input(closed))

async function compare(question: Question, small: Side, large: Side): Promise<Figure> {
  const once = async (of: Side): Promise<number> => {
    const started = performance.now()
    await ask(question, of)
    return performance.now() - started
  }
  // One question to the one, one to the other: whatever else the machine does meets both.
  const round = async () => {
    const times: { few: number; many: number }[] = []
    const until = performance.now() + patienceMs
    while (times.length < inRound && performance.now() < until)
      times.push({ few: await once(small), many: await once(large) })
    return { few: median(times.map(({ few }) => few)), many: median(times.map(({ many }) => many)) }
  }
  await round()
  const { results, others } = await measureRounds({ wanted: rounds, budgetMs }, round)
  return {
    name: question.name,
    ours: `${rounded(median(results.map(({ many }) => many)))} ms`,
    against: `${rounded(median(results.map(({ few }) => few)))} ms with 1,000`,
    ratio: median(results.map(({ few, many }) => many / few)),
    others,
    goal: question.goal,
  }
}
