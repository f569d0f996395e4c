import pg from 'pg'

export type Statement = { text: string; values: unknown[] }

/** Every statement that the driver is given while `work` runs, in order, with its parameters. */
export async function record(work: () => Promise<unknown>): Promise<Statement[]> {
  const statements: Statement[] = []
  const { prototype } = pg.Client as unknown as { prototype: { query: (...given: unknown[]) => unknown } }
  const { query } = prototype
  prototype.query = function (this: unknown, ...given: unknown[]) {
    const [text, values] = given
    if (typeof text === 'string') statements.push({ text, values: Array.isArray(values) ? [...values] : [] })
    return query.apply(this, given)
  }
  try {
    await work()
  } finally {
    prototype.query = query
  }
  return statements
}
