import { type Arrival, type InboxRow, storeArrivals } from '../core/inbox.ts'
import type { Db } from '../db/pool.ts'
import { unavailable } from '../errors.ts'

/** What became of an arrival: `leased` when this process is to work it itself. */
export type Stored = { id: string | undefined; leased: boolean }

type Waiting = { arrival: Arrival; resolve: (stored: Stored) => void; reject: (error: unknown) => void }

/** More than this waiting to be stored: the database is behind, and saying so is better than growing. */
const mostWaiting = 5_000
const mostTogether = 200
/** One statement is on its way while the next one gathers: a commit then serves everybody who came meanwhile. */
const mostStatements = 2

/**
 * Stores what comes in, many requests in one statement when they come together. Each resolves once its row is
 * committed: with the row's id, or undefined when it had been stored before.
 */
export function createReceiver(db: Db, mayLease: () => boolean) {
  const waiting: Waiting[] = []
  let statements = 0

  const flush = async (): Promise<void> => {
    if (statements >= mostStatements || !waiting.length) return
    statements++
    const together = waiting.splice(0, mostTogether)
    const leased = mayLease()
    try {
      const ids = await storeArrivals(
        db,
        together.map(({ arrival }) => arrival),
        leased,
      )
      together.forEach(({ resolve }, index) => {
        resolve({ id: ids[index], leased })
      })
    } catch (error) {
      // One unstorable payload must not refuse the others: each is tried alone.
      if (together.length > 1 && isDataError(error)) {
        for (const each of together) await storeAlone(each, leased)
      } else for (const { reject } of together) reject(notStored(error))
    } finally {
      statements--
      void flush()
    }
  }

  const storeAlone = async ({ arrival, resolve, reject }: Waiting, leased: boolean) => {
    try {
      const [id] = await storeArrivals(db, [arrival], leased)
      resolve({ id, leased })
    } catch (error) {
      reject(notStored(error))
    }
  }

  return {
    store: (arrival: Arrival): Promise<Stored> =>
      new Promise((resolve, reject) => {
        if (waiting.length >= mostWaiting) return reject(unavailable('Tocsin is behind; nothing was done.'))
        waiting.push({ arrival, resolve, reject })
        // What arrives in the same turn of the event loop goes together.
        setImmediate(flush)
      }),
  }
}

/** SQLSTATE class 22: the data itself, for example a character that jsonb cannot hold. */
const isDataError = (error: unknown) => /^22/.test(String((error as { code?: unknown } | null)?.code))

const notStored = (cause: unknown) => {
  const error = unavailable('That could not be stored; nothing was done. Try again in a minute.')
  error.cause = cause
  return error
}

export const rowOf = (arrival: Arrival, id: string): InboxRow => ({
  orgId: arrival.workspace.orgId,
  id,
  workspaceId: arrival.workspace.id,
  sender: arrival.sender,
  payload: JSON.parse(arrival.payload) as Record<string, unknown>,
  attempts: 1,
})
