import type { InboxRow } from '../core/inbox.ts'

export type RowQueue = {
  add(row: InboxRow): void
  /** What has been added and is not finished. */
  held(): InboxRow[]
  /** How many of those wait for a place or have one, and how many wait apart. */
  counts(): { here: number; apart: number }
  /**
   * For what waits on somebody else's machine: gives the row's place up first, so that neither the sender's other
   * rows nor anybody's wait for it. One sender's such waits still go one after another.
   */
  apart<T>(rowId: string, wait: () => Promise<T>): Promise<T>
  /** No further row begins; resolves when those under way have ended. */
  end(): Promise<void>
}

export type RowQueueOptions = {
  /** Ends when the row is worked; what it throws goes to `failed`. */
  work: (row: InboxRow) => Promise<void>
  failed: (row: InboxRow, error: unknown) => Promise<void>
  /** Rows worked at once. */
  most: number
  /** Waits apart at once: each is a connection and some memory. */
  mostApart: number
}

/** The rows that this process works: one sender's in the order they came, different senders' side by side. */
export function createRowQueue({ work, failed, most, mostApart }: RowQueueOptions): RowQueue {
  const held = new Map<string, InboxRow>()
  const leave = new Map<string, () => void>()
  const rows = inOrder()
  const waits = inOrder()
  const places = limited(most)
  const apart = limited(mostApart)
  const underWay = new Set<Promise<void>>()
  let gone = 0
  let ending = false

  const senderOf = (row: InboxRow) => `${row.workspaceId} ${row.sender}`

  const begin = async (row: InboxRow): Promise<void> => {
    if (ending) return
    const left = Promise.withResolvers<void>()
    leave.set(row.id, left.resolve)
    const whole = attempt(row).finally(() => {
      leave.delete(row.id)
      underWay.delete(whole)
    })
    underWay.add(whole)
    await Promise.race([whole, left.promise])
  }

  const attempt = async (row: InboxRow): Promise<void> => {
    try {
      await work(row)
      held.delete(row.id)
    } catch (error) {
      held.delete(row.id)
      await failed(row, error)
    }
  }

  return {
    add(row) {
      held.set(row.id, row)
      rows(senderOf(row), () => places(() => begin(row))).catch(() => undefined)
    },
    held: () => [...held.values()],
    counts: () => ({ here: held.size - gone, apart: gone }),
    apart(rowId, wait) {
      const row = held.get(rowId)
      const go = leave.get(rowId)
      if (!row || !go) return wait()
      const ended = waits(senderOf(row), () => apart(wait))
      gone++
      go()
      return ended.finally(() => {
        gone--
      })
    },
    async end() {
      ending = true
      await Promise.all(underWay)
    },
  }
}

/** What has the same key goes one after another; a failure holds nothing up. */
function inOrder() {
  const last = new Map<string, Promise<unknown>>()
  return <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const mine = (last.get(key) ?? Promise.resolve()).then(work)
    const done = mine
      .catch(() => undefined)
      .then(() => {
        if (last.get(key) === done) last.delete(key)
      })
    last.set(key, done)
    return mine
  }
}

/** So many at once, the others in the order they came. */
function limited(most: number) {
  const waiting: (() => void)[] = []
  let running = 0
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve))
    else running++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}
