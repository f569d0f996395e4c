import { type Arrival, type InboxRow, storeArrivals } from '../core/inbox.ts'
import type { Db } from '../db/pool.ts'
import { type TocsinError, unavailable } from '../errors.ts'

type Waiting = {
  arrival: Arrival
  /** It may be in the database from now on, whatever is heard of it. */
  sent: boolean
  resolve: (id: string | undefined) => void
  reject: (error: TocsinError) => void
}

/** More than this waiting to be stored: the database is behind, and saying so is better than growing. */
const mostWaiting = 5_000
const mostTogether = 200
/** One statement is on its way while the next one gathers: a commit then serves everybody who came meanwhile. */
const mostStatements = 2
/** A platform waits for three seconds. */
const answerWithinMs = 2_000

export type ReceiverOptions = {
  /** Whether this process may work what it stores; otherwise any replica takes it. */
  mayLease: () => boolean
  /** Begins the work on what was stored for this process, however late the database said so. */
  work: (row: InboxRow) => void
}

/**
 * Stores what comes in, many requests in one statement when they come together. Each resolves once its row is
 * committed: with the row's id, or undefined when it had been stored before. Within two seconds it resolves or
 * rejects with an `unavailable` TocsinError, which says whether it is certain that nothing was stored.
 */
export function createReceiver(db: Db, { mayLease, work }: ReceiverOptions) {
  const waiting = new Set<Waiting>()
  let flushes = 0
  let sending = 0

  const flush = async (): Promise<void> => {
    if (flushes >= mostStatements || !waiting.size) return
    flushes++
    let connected = false
    try {
      await db.intake.connection().execute(async (connection) => {
        connected = true
        const together = [...waiting].slice(0, mostTogether)
        for (const each of together) waiting.delete(each)
        if (together.length) await store(together, connection)
      })
    } catch (error) {
      // No connection: nothing was sent. One that is sending still serves those who wait when it is done.
      if (!connected && !sending) for (const each of waiting) end(each, notStored(error))
    } finally {
      flushes--
      if (connected) void flush()
    }
  }

  const store = async (together: Waiting[], connection: Db['intake']): Promise<void> => {
    const leased = mayLease()
    for (const each of together) each.sent = true
    sending++
    try {
      const arrivals = together.map(({ arrival }) => arrival)
      const ids = await storeArrivals(db, arrivals, leased, connection)
      together.forEach((each, index) => {
        const id = ids[index]
        if (id !== undefined && leased) work(rowOf(each.arrival, id))
        each.resolve(id)
      })
    } catch (error) {
      // One unstorable payload must not refuse the others: each is tried alone.
      if (together.length > 1 && isDataError(error)) {
        for (const each of together) await store([each], connection)
      } else for (const each of together) end(each, isRefusal(error) ? notStored(error) : unknown(error))
    } finally {
      sending--
    }
  }

  const end = (each: Waiting, error: TocsinError) => {
    waiting.delete(each)
    each.reject(error)
  }

  return {
    store: async (arrival: Arrival): Promise<string | undefined> => {
      if (waiting.size >= mostWaiting)
        throw unavailable('Nothing was done: Tocsin is behind. Try again in a minute.')
      const { promise, resolve, reject } = Promise.withResolvers<string | undefined>()
      const mine: Waiting = { arrival, sent: false, resolve, reject }
      waiting.add(mine)
      const late = setTimeout(() => end(mine, mine.sent ? unknown() : notStored()), answerWithinMs)
      // What arrives in the same turn of the event loop goes together.
      setImmediate(flush)
      return promise.finally(() => clearTimeout(late))
    },
  }
}

const codeOf = (error: unknown) => String((error as { code?: unknown } | null)?.code)

/** SQLSTATE class 22: the data itself, for example a character that jsonb cannot hold. */
const isDataError = (error: unknown) => /^22/.test(codeOf(error))

/** The server's own word that the statement failed (EPIPE is none); not 57P, its going away in the middle of it. */
const isRefusal = (error: unknown) => /^(?!57P)(?=.*\d)[0-9A-Z]{5}$/.test(codeOf(error))

const because = (error: TocsinError, cause: unknown) => Object.assign(error, { cause })

const notStored = (cause?: unknown) =>
  because(unavailable('Nothing was done: this could not be stored. Try again in a moment.'), cause)

/** Neither "done" nor "not done" would be true: whoever repeats it blindly might have it twice. */
const unknown = (cause?: unknown) =>
  because(
    unavailable(
      'Nothing was done yet: the database is not answering, and may or may not have kept this. ' +
        'If it did, the answer comes here by itself; if none comes within a minute, look before you send it again.',
    ),
    cause,
  )

const rowOf = (arrival: Arrival, id: string): InboxRow => ({
  orgId: arrival.workspace.orgId,
  id,
  workspaceId: arrival.workspace.id,
  sender: arrival.sender,
  payload: JSON.parse(arrival.payload) as Record<string, unknown>,
  attempts: 1,
})
