import pg from 'pg'
import type { Statement } from '../support/record.ts'

type Plan = { 'Node Type': string; 'Relation Name'?: string; Plans?: Plan[] }
type Explained = { Plan: Plan; 'Planning Time': number; 'Execution Time': number }

const large = /^(escalations|deliveries|incidents|pages|inbox)$/
const times = 5

/**
 * What the statements take of the database as the engine's role, planning included, the least of several tries (a
 * connection's first look reads the catalogue); and the large tables that they read from end to end.
 */
export async function explained(
  url: string,
  orgId: string,
  statements: Statement[],
): Promise<{ milliseconds: number; scans: string[] }> {
  const client = new pg.Client({ connectionString: url, options: '-c role=tocsin_engine' })
  await client.connect()
  try {
    const scans = new Set<string>()
    let milliseconds = 0
    for (const { text, values } of statements) {
      let least = Number.POSITIVE_INFINITY
      for (let time = 0; time < times; time++) {
        await client.query('begin')
        await client.query(`select set_config('tocsin.org', $1, true)`, [orgId])
        const { rows } = await client.query<{ 'QUERY PLAN': Explained[] }>(
          `explain (analyze, format json) ${text}`,
          values,
        )
        await client.query('rollback')
        const plan = rows[0]!['QUERY PLAN'][0]!
        least = Math.min(least, plan['Planning Time'] + plan['Execution Time'])
        for (const name of scansIn(plan.Plan)) scans.add(`A tick reads ${name} from end to end.`)
      }
      milliseconds += least
    }
    return { milliseconds, scans: [...scans] }
  } finally {
    await client.end()
  }
}

const scansIn = (plan: Plan): string[] => [
  ...(plan['Node Type'] === 'Seq Scan' && large.test(plan['Relation Name'] ?? '')
    ? [plan['Relation Name']!]
    : []),
  ...(plan.Plans ?? []).flatMap(scansIn),
]
