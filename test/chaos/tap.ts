/**
 * Stands between one replica and Postgres, reads what it says, and can end it at one exact statement: before Postgres
 * hears it, or once Postgres has done it and before the replica hears of that. The message formats are those of
 * https://www.postgresql.org/docs/18/protocol-message-formats.html
 */
import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'

/** `text`: the statement with its parameters. `before`: what was said in the same transaction. */
export type Said = { text: string; before: string[] }

/** `answered`: once Postgres has answered so (its whole answer as text); otherwise it goes on. */
export type Hit = { moment: 'unheard' } | { moment: 'answered'; so: (answer: string) => boolean }

export type Tap = {
  /** The same database, through here. */
  url: string
  /** Asked about every statement. */
  watch: (said: Said) => Hit | undefined
  /** Called at the hit, when nothing more comes through. */
  hit: () => void
  close(): Promise<void>
}

export async function startTap(databaseUrl: string): Promise<Tap> {
  const target = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  let closed = false

  const end = () => {
    closed = true
    for (const socket of sockets) socket.destroy()
  }
  const hit = () => {
    if (closed) return
    end()
    tap.hit()
  }

  const server = createServer((client) => {
    if (closed) return void client.destroy()
    const upstream = connect(Number(target.port), target.hostname)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket
        .on('error', () => undefined)
        .on('close', () => {
          sockets.delete(socket)
          client.destroy()
          upstream.destroy()
        })
    }
    relay(client, upstream, (said) => tap.watch(said), hit)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = new URL(databaseUrl)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)

  const tap: Tap = {
    url: url.href,
    watch: () => undefined,
    hit: () => undefined,
    async close() {
      end()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return tap
}

/** One connection. */
function relay(client: Socket, upstream: Socket, watch: Tap['watch'], hit: () => void): void {
  const fromClient = framer({ startup: true })
  let waiting:
    | { so: (answer: string) => boolean; frames: ReturnType<typeof framer>; held: Buffer[] }
    | undefined
  let statement: Buffer[] = []
  let before: string[] | undefined

  client.on('data', (bytes: Buffer) => {
    for (const { type, whole } of fromClient(bytes)) {
      statement.push(whole)
      // A simple query, or what ends an extended one; everything else is part of what follows.
      if (type === 'P' || type === 'B' || type === 'D' || type === 'E') continue
      const all = Buffer.concat(statement)
      statement = []
      if (type === 'Q' || type === 'S') {
        const text = all.toString('latin1')
        const found = watch({ text, before: before ?? [] })
        if (/^Q....begin/s.test(text)) before = []
        else if (/^Q....(commit|rollback)/s.test(text)) before = undefined
        else before?.push(text)
        if (found?.moment === 'unheard') return hit()
        if (found) waiting = { so: found.so, frames: framer(), held: [] }
      }
      upstream.write(all)
    }
  })
  upstream.on('data', (bytes: Buffer) => {
    if (!waiting) return void client.write(bytes)
    waiting.held.push(bytes)
    for (const { type } of waiting.frames(bytes)) {
      if (type !== 'Z') continue
      const answer = Buffer.concat(waiting.held)
      if (waiting.so(answer.toString('latin1'))) return hit()
      client.write(answer)
      waiting = undefined
      return
    }
  })
}

/** Cuts a stream into the protocol's messages; the first of a client has no type. */
function framer({ startup = false } = {}): (bytes: Buffer) => { type: string; whole: Buffer }[] {
  let rest: Buffer = Buffer.alloc(0)
  let untyped = startup
  return (bytes) => {
    rest = Buffer.concat([rest, bytes])
    const found: { type: string; whole: Buffer }[] = []
    for (;;) {
      const header = untyped ? 0 : 1
      if (rest.length < header + 4) return found
      const length = header + rest.readUInt32BE(header)
      if (rest.length < length) return found
      found.push({ type: untyped ? '' : String.fromCharCode(rest[0]!), whole: rest.subarray(0, length) })
      rest = rest.subarray(length)
      untyped = false
    }
  }
}
