/**
 * The console's messages: in memory, and as JSON lines on disk where the last line of a message wins. Written
 * synchronously, so that a message which was pushed to a page also stands in the file.
 */
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { type ConsoleMessage, maySee } from './types.ts'

/** Messages kept for each channel. */
export const kept = 500

/** A deployment that only ever updates cards would grow the file for ever. */
const staleLines = 5_000

export type Store = ReturnType<typeof openStore>

export function openStore(dataDir: string) {
  mkdirSync(dataDir, { recursive: true })
  const file = join(dataDir, 'console.jsonl')
  const messages = load(file)
  /** When each was last changed, for pages that come back; only known since this start. */
  const revisions = new Map<string, number>()
  const start = randomBytes(6).toString('hex')
  let revision = 0
  let order = Math.max(0, ...[...messages.values()].map((message) => message.order))
  let lines = 0
  let fd = compact()

  function compact(): number {
    const temporary = `${file}.new`
    writeFileSync(
      temporary,
      [...messages.values()].map((message) => `${JSON.stringify(message)}\n`).join(''),
      {
        mode: 0o600,
      },
    )
    renameSync(temporary, file)
    lines = messages.size
    return openSync(file, 'a', 0o600)
  }

  function forgetOldest(channel: string) {
    const inChannel = [...messages.values()].filter((message) => message.channel === channel)
    for (const { id } of inChannel.slice(0, Math.max(0, inChannel.length - kept))) {
      messages.delete(id)
      revisions.delete(id)
    }
  }

  return {
    get: (id: string) => messages.get(id),

    /** Takes a place in the order before it is known whether the message will stand. */
    reserve() {
      order += 1
      return { order, at: new Date().toISOString() }
    },

    /** Adds or replaces. Throws, and changes nothing, when it cannot be written. */
    put(message: ConsoleMessage): void {
      writeSync(fd, `${JSON.stringify(message)}\n`)
      lines += 1
      const known = messages.has(message.id)
      messages.set(message.id, message)
      revision += 1
      revisions.set(message.id, revision)
      if (!known) forgetOldest(message.channel)
      if (lines > messages.size + staleLines) {
        closeSync(fd)
        fd = compact()
      }
    },

    /** What this user sees of a channel, oldest first. */
    list: (channel: string, user: string) =>
      [...messages.values()]
        .filter((message) => message.channel === channel && maySee(message, user))
        .sort((a, b) => a.order - b.order),

    /** Names this moment, for a page that wants to go on from here. */
    cursor: () => `${start}-${revision}`,

    /** What this user missed since; undefined when that is not known any more. */
    since(cursor: string, user: string): ConsoleMessage[] | undefined {
      const [from, seen] = cursor.split('-')
      if (from !== start || !/^\d{1,15}$/.test(seen ?? '')) return undefined
      return [...messages.values()]
        .filter((message) => (revisions.get(message.id) ?? 0) > Number(seen) && maySee(message, user))
        .sort((a, b) => a.order - b.order)
    },
  }
}

function load(file: string): Map<string, ConsoleMessage> {
  const read = new Map<string, ConsoleMessage>()
  if (!existsSync(file)) return read
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const message = parse(line)
    if (message) read.set(message.id, message)
  }
  const channels = Map.groupBy(
    [...read.values()].sort((a, b) => a.order - b.order),
    (message) => message.channel,
  )
  const recent = [...channels.values()].flatMap((inChannel) => inChannel.slice(-kept))
  return new Map(recent.map((message) => [message.id, message]))
}

/** The last line of a killed process may be torn. */
function parse(line: string): ConsoleMessage | undefined {
  try {
    const value = JSON.parse(line) as Partial<ConsoleMessage> | null
    return value && typeof value.id === 'string' && typeof value.channel === 'string' && value.body
      ? (value as ConsoleMessage)
      : undefined
  } catch {
    return undefined
  }
}
