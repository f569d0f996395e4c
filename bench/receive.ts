import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { bolt } from './receive/bolt-side.ts'
import type { Load, load } from './receive/load.ts'
import { seed } from './receive/seed.ts'
import type { slack } from './receive/slack-side.ts'
import type { tocsin } from './receive/tocsin-side.ts'
import { type Child, start } from './support/child.ts'
import { query, type Server, settle } from './support/database.ts'
import type { Figure } from './support/report.ts'
import { measureRounds } from './support/rounds.ts'
import { median, rounded } from './support/stats.ts'

const rounds = 9
const budgetMs = 80_000
const warmUps = 2
const inRound = { bolt: 9_000, storing: 9_000, working: 3_000 }

type Side = { child: Pick<Child<typeof bolt>, 'call' | 'stop'>; port: number; url?: string }
type Measured = Load & { cpuMs: number; worked: number }

const file = (name: string) => new URL(`./receive/${name}`, import.meta.url)

/** A signed slash command, stored and answered, against Bolt's own receiver, which acknowledges and does no more. */
export async function measureReceive(server: Server): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-bench-data-'))
  const standIn = await start<typeof slack>(file('slack-side.ts'))
  const loader = await start<typeof load>(file('load.ts'))
  const address = await standIn.call('start')
  const tocsinSide = async (name: string, known: boolean): Promise<Side> => {
    const url = await server.createDatabase(name)
    const child = await start<typeof tocsin>(file('tocsin-side.ts'))
    const dataDir = join(folder, name)
    const port = await child.call('start', { databaseUrl: url, dataDir, slackApiUrl: `${address}api/` })
    await seed(url, known)
    await settle(url)
    return { child, port, url }
  }
  const child = await start<typeof bolt>(file('bolt-side.ts'))
  const sides = {
    bolt: { child, port: await child.call('start') } as Side,
    storing: await tocsinSide('storing', false),
    working: await tocsinSide('working', true),
  }
  let number = 0
  const measure = async (name: keyof typeof sides): Promise<Measured> => {
    const side = sides[name]
    const count = inRound[name]
    number += 1
    const round = `r${process.pid}x${number}`
    const before = await side.child.call('cpu')
    const answered = await standIn.call('answered')
    const result = await loader.call('run', { port: side.port, hooks: `${address}hooks/`, count, round })
    const cpuMs = ((await side.child.call('cpu')) - before) / count
    const worked = (await standIn.call('answered')) - answered
    if (result.wrong) throw new Error(`${name}: ${result.wrong} of ${count} answers were no empty 200`)
    if (side.url) await checkStored(side.url, round, count)
    if (side.url) await clear(side)
    return { ...result, cpuMs, worked }
  }
  const all = async () => ({
    bolt: await measure('bolt'),
    storing: await measure('storing'),
    working: await measure('working'),
  })
  for (let index = 0; index < warmUps; index++) await all()
  const { results, others } = await measureRounds({ wanted: rounds, budgetMs }, all)
  for (const each of [...Object.values(sides), { child: standIn }, { child: loader }]) await each.child.stop()
  for (const name of ['storing', 'working']) await server.dropDatabase(name)
  await rm(folder, { recursive: true, force: true })
  return [...figuresOf('storing', results, others), ...figuresOf('working', results, others)]
}

/** Every answered command is really in the inbox, once. */
async function checkStored(url: string, round: string, count: number): Promise<void> {
  const [row] = await query<{ stored: number }>(
    url,
    'select count(distinct event_id)::int as stored from inbox where event_id like $1',
    [`command:${round}.%`],
  )
  if (row!.stored !== count) throw new Error(`${count} commands were answered, ${row!.stored} are stored`)
}

/** The next side begins on a machine at rest: what was not begun yet is thrown away, what was begun ends. */
async function clear({ child, url }: Side): Promise<void> {
  await query(
    url!,
    `delete from inbox where (org_id, id) in
      (select org_id, id from inbox where state = 'queued' and lease_until is null for update skip locked)`,
  )
  for (let last = await child.call('cpu'); ; ) {
    await delay(200)
    const now = await child.call('cpu')
    if (now - last < 30) return
    last = now
  }
}

type Round = { bolt: Measured; storing: Measured; working: Measured }

function figuresOf(side: 'storing' | 'working', results: Round[], others: number): Figure[] {
  const of = (name: keyof Round, what: keyof Measured) => median(results.map((result) => result[name][what]))
  const ratio = (what: keyof Measured) =>
    median(results.map((result) => result[side][what] / result.bolt[what]))
  const judged = side === 'storing'
  const name = judged ? 'slash command, stored and answered' : 'the same while this process works the rows'
  const both = (what: keyof Measured, unit: string) => ({
    ours: `${rounded(of(side, what))}${unit}`,
    against: `${rounded(of('bolt', what))}${unit} Bolt alone`,
    ratio: ratio(what),
    others,
  })
  return [
    { name: `${name}: throughput`, ...both('perSecond', '/s'), goal: judged ? { atLeast: 0.7 } : undefined },
    { name: `${name}: p99`, ...both('p99', ' ms'), goal: judged ? { atMost: 2 } : undefined },
    { name: `${name}: processor time of its Node process`, ...both('cpuMs', ' ms') },
  ]
}
