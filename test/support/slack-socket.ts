/** Slack's end of Socket Mode: as much of RFC 6455 as one test on the loopback needs. */
import { createHash, randomUUID } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'

type Json = Record<string, unknown>
const accepts = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

const frame = (opcode: number, payload: Buffer): Buffer => {
  const { length } = payload
  const head = Buffer.alloc(length < 126 ? 2 : 4)
  head[0] = 0x80 | opcode
  head[1] = length < 126 ? length : 126
  if (length >= 126) head.writeUInt16BE(length, 2)
  return Buffer.concat([head, payload])
}

/** The first whole frame of a client, and what follows it. */
const unframe = (data: Buffer): { opcode: number; payload: Buffer; rest: Buffer } | undefined => {
  if (data.length < 6) return undefined
  const short = data[1]! & 0x7f
  const at = short === 126 ? 4 : 2
  const length = short === 126 ? data.readUInt16BE(2) : short
  if (data.length < at + 4 + length) return undefined
  const mask = data.subarray(at, at + 4)
  const payload = Buffer.from(data.subarray(at + 4, at + 4 + length))
  for (let i = 0; i < length; i += 1) payload[i]! ^= mask[i % 4]!
  return { opcode: data[0]! & 0x0f, payload, rest: data.subarray(at + 4 + length) }
}

export const createSocketServer = (server: Server) => {
  const open = new Set<Duplex>()
  const waiting = new Map<string, (payload: Json | undefined) => void>()

  const received = (text: string) => {
    const { envelope_id: id, payload } = JSON.parse(text) as { envelope_id: string; payload?: Json }
    waiting.get(id)?.(payload)
    waiting.delete(id)
  }
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    const key = createHash('sha1')
      .update(request.headers['sec-websocket-key'] + accepts)
      .digest('base64')
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`,
    )
    open.add(socket)
    let data = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      data = Buffer.concat([data, chunk])
      for (let next = unframe(data); next; next = unframe(data)) {
        data = Buffer.from(next.rest)
        if (next.opcode === 1) received(next.payload.toString())
        if (next.opcode === 9) socket.write(frame(10, next.payload))
        if (next.opcode === 8) socket.end(frame(8, next.payload))
      }
    })
    socket.on('close', () => open.delete(socket))
    socket.on('error', () => open.delete(socket))
    socket.write(frame(1, Buffer.from(JSON.stringify({ type: 'hello', num_connections: 1 }))))
  })

  return {
    connections: () => open.size,
    /** @returns what the app acknowledged with, or undefined when it did not within three seconds. */
    send: (type: string, payload: unknown): Promise<Json | undefined> =>
      new Promise((resolve) => {
        const id = randomUUID()
        const socket = [...open].at(-1)
        if (!socket) throw new Error('The app is not connected in Socket Mode.')
        const timer = setTimeout(resolve, 3000, undefined)
        waiting.set(id, (answer) => {
          clearTimeout(timer)
          resolve(answer ?? {})
        })
        const envelope = { type, envelope_id: id, payload, accepts_response_payload: true }
        socket.write(frame(1, Buffer.from(JSON.stringify(envelope))))
      }),
    /** As Slack does every few hours. */
    recycle() {
      const message = JSON.stringify({ type: 'disconnect', reason: 'refresh_requested' })
      for (const socket of open) socket.write(frame(1, Buffer.from(message)))
    },
    destroy() {
      for (const socket of open) socket.destroy()
    },
  }
}
export type SocketServer = ReturnType<typeof createSocketServer>
