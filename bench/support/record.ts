import pg from 'pg'

/** What the driver is given, as it is given it: a name, if it has one, prepares it once a connection. */
export type Statement = { name?: string; text: string; values: unknown[] }

/** Every statement that the driver is given while `work` runs, in order, with its parameters. */
export async function record(work: () => Promise<unknown>): Promise<Statement[]> {
  const statements: Statement[] = []
  const { prototype } = pg.Client as unknown as { prototype: { query: (...given: unknown[]) => unknown } }
  const { query } = prototype
  prototype.query = function (this: unknown, ...given: unknown[]) {
    const [what, values] = given
    const statement = typeof what === 'string' ? { text: what, values } : (what as Partial<Statement>)
    if (typeof statement.text === 'string') {
      const { name, text } = statement as Statement
      statements.push({ name, text, values: Array.isArray(statement.values) ? [...statement.values] : [] })
    }
    return query.apply(this, given)
  }
  try {
    await work()
  } finally {
    prototype.query = query
  }
  return statements
}
