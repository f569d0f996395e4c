import type { ServerResponse } from 'node:http'

/** What goes back to a platform in the response itself: text, or what becomes JSON. */
export type HttpAnswer = { status: number; body?: unknown }

/** Nothing is sent to whoever has gone, or has been answered. */
export function sendAnswer(response: ServerResponse, { status, body }: HttpAnswer): void {
  if (response.headersSent || response.destroyed) return
  if (body === undefined) {
    response.writeHead(status, { 'content-length': 0 }).end()
    return
  }
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const type = typeof body === 'string' ? 'text/plain' : 'application/json'
  response
    .writeHead(status, {
      'content-type': `${type}; charset=utf-8`,
      'content-length': Buffer.byteLength(text),
    })
    .end(text)
}
