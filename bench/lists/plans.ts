import pg from 'pg'
import type { Statement } from '../support/record.ts'

type Plan = { 'Node Type': string; 'Relation Name'?: string; Plans?: Plan[] }

const large = /^(incidents|audit|audit_\w+)$/

/** The large tables that the recorded statements read from end to end, as the program's own role would. */
export async function sequentialScans(
  url: string,
  orgId: string,
  statements: Statement[],
): Promise<string[]> {
  const client = new pg.Client({ connectionString: url, options: '-c role=tocsin_app' })
  await client.connect()
  try {
    await client.query('begin')
    await client.query(`select set_config('tocsin.org', $1, true)`, [orgId])
    const found: string[] = []
    for (const { text, values } of statements) {
      if (!/^\s*(select|with)/i.test(text)) continue
      const { rows } = await client.query<{ 'QUERY PLAN': { Plan: Plan }[] }>(
        `explain (format json) ${text}`,
        values,
      )
      found.push(...scansIn(rows[0]!['QUERY PLAN'][0]!.Plan))
    }
    return [...new Set(found)]
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
