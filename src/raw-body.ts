import type { IncomingMessage } from 'node:http'

export type RawBody = { ok: true; body: Buffer } | { ok: false; status: 400 | 408 | 413; reason: string }

const tooLarge: RawBody = { ok: false, status: 413, reason: 'The body is over 1 MB.' }
const tooSlow: RawBody = { ok: false, status: 408, reason: 'The body did not arrive in time.' }
const cutOff: RawBody = { ok: false, status: 400, reason: 'The body is incomplete.' }

/**
 * Reads at most `maxBytes`, for at most `timeoutMs`. What comes after a refusal is thrown away as it comes, so that
 * the client can read the answer, and only for a moment: then the connection is cut.
 */
export const readRaw = (
  request: IncomingMessage,
  { maxBytes = 1_000_000, timeoutMs = 5000 } = {},
): Promise<RawBody> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    const finish = (result: RawBody) => {
      clearTimeout(timer)
      request.off('data', keep).off('end', ended).off('error', broken).off('close', broken)
      if (!result.ok) discard(request)
      resolve(result)
    }
    const keep = (chunk: Buffer) => {
      size += chunk.length
      if (size > maxBytes) finish(tooLarge)
      else chunks.push(chunk)
    }
    const ended = () => finish({ ok: true, body: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks) })
    const broken = () => finish(cutOff)
    const timer = setTimeout(() => finish(tooSlow), timeoutMs)
    if (Number(request.headers['content-length']) > maxBytes) return finish(tooLarge)
    request.on('data', keep).on('end', ended).on('error', broken).on('close', broken)
  })

const discardMs = 1000
const discardBytes = 16_000_000

export const discard = (request: IncomingMessage): void => {
  if (request.complete || request.destroyed) return
  let size = 0
  const cut = setTimeout(() => request.destroy(), discardMs)
  request.on('error', () => {})
  request.on('close', () => clearTimeout(cut)).on('end', () => clearTimeout(cut))
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > discardBytes) request.destroy()
  })
}
