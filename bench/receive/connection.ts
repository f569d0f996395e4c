import { connect, type Socket } from 'node:net'

/** What came back: `empty` when its body had no byte. */
export type Answer = { status: number; empty: boolean }

const headEnd = Buffer.from('\r\n\r\n')
const lastChunk = '0\r\n\r\n'

/**
 * The whole answer at the beginning of `bytes`, or undefined while it is incomplete. Knows what the two servers
 * send: a length, or chunks.
 */
export function readAnswer(bytes: Buffer): Answer | undefined {
  const end = bytes.indexOf(headEnd)
  if (end < 0) return undefined
  const head = bytes.toString('latin1', 0, end)
  const body = bytes.length - end - headEnd.length
  const status = Number(head.slice(9, 12))
  if (/transfer-encoding: chunked/i.test(head)) {
    const text = bytes.toString('latin1', end + headEnd.length)
    if (!text.endsWith(lastChunk)) return undefined
    return { status, empty: text === lastChunk }
  }
  const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
  return body < length ? undefined : { status, empty: length === 0 }
}

/** One keep-alive connection: one request after the other. Small, so that the load takes little of the machine. */
export async function openConnection(port: number) {
  const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  let kept: Buffer | undefined
  let waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined
  socket.on('data', (chunk) => {
    kept = kept ? Buffer.concat([kept, chunk]) : chunk
    const answer = readAnswer(kept)
    if (!answer) return
    kept = undefined
    waiting?.resolve(answer)
  })
  socket.on('error', (error) => waiting?.reject(error))
  socket.on('close', () => waiting?.reject(new Error('the server closed the connection')))
  return {
    ask: (request: Buffer): Promise<Answer> =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        socket.write(request)
      }),
    close: () => socket.destroy(),
  }
}
