import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely'
import type pg from 'pg'

/** No answer came in time: what the statement did, or will still do, is not known. */
export class DatabaseSilent extends Error {
  constructor(afterMs: number) {
    super(`the database did not answer within ${afterMs} ms`)
    this.name = 'DatabaseSilent'
  }
}

/** Shared by the pools of one database: a connection that has been idle since before `before` may be as dead. */
export type Suspicion = { before: number }

/**
 * A pool whose statements are given up after `withinMs`. node-postgres waits for as long as the kernel keeps the
 * connection, a quarter of an hour when a network or a failover swallows it, and its own query_timeout leaves such
 * a connection in the pool: here it is destroyed, and idle ones are replaced before their next use.
 */
export function boundedPool(pool: pg.Pool, withinMs: number, suspicion: Suspicion): PostgresPool {
  const answeredAt = new WeakMap<pg.PoolClient, number>()

  const lend = (client: pg.PoolClient): PostgresPoolClient => {
    let lost = false
    const query = async <R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>> => {
      if (lost) throw new DatabaseSilent(withinMs)
      const { promise: silence, reject } = Promise.withResolvers<never>()
      const timer = setTimeout(() => {
        lost = true
        suspicion.before = performance.now()
        reject(new DatabaseSilent(withinMs))
      }, withinMs)
      try {
        const answer = await Promise.race([client.query(text, values as unknown[]), silence])
        return answer as unknown as PostgresQueryResult<R>
      } finally {
        clearTimeout(timer)
        if (!lost) answeredAt.set(client, performance.now())
      }
    }
    return {
      query: query as PostgresPoolClient['query'],
      release: (destroy) => client.release(lost || destroy === true),
    }
  }

  return {
    options: {},
    async connect() {
      for (;;) {
        const client = await pool.connect()
        if ((answeredAt.get(client) ?? Number.POSITIVE_INFINITY) >= suspicion.before) return lend(client)
        client.release(true)
      }
    },
    end: () => pool.end(),
  }
}
