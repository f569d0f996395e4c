import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import express from 'express'
import type { Logger } from '../log.ts'
import { endWithErrors } from './errors.ts'
import type { Metrics } from './metrics.ts'

export type Readiness = { ok: true } | { ok: false; why: string }

export type HttpOptions = {
  ready: () => Promise<Readiness>
  metrics: Metrics
  log: Logger
}

export type Http = {
  /** Adapters add their routes, each with its own body parser, before `listen`. */
  app: express.Express
  /** `port` 0 picks a free one. */
  listen(port: number, host: string): Promise<{ port: number }>
  /** Accepts no more; running requests end, those that do not within `graceMs` are cut. */
  close(graceMs?: number): Promise<void>
}

/** A balancer asks every few seconds: an answer that takes longer than this is a no. */
const readyWithinMs = 2_000

export function createHttp({ ready, metrics, log }: HttpOptions): Http {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')

  app.get('/healthz', (_request, response) => void response.type('text').send('ok\n'))
  app.get('/readyz', async (_request, response) => {
    const state = await readiness(ready)
    if (state.ok) response.type('text').send('ready\n')
    else response.status(503).type('text').send(`${state.why}\n`)
  })
  app.get('/metrics', async (_request, response) => {
    response.set('content-type', metrics.contentType).send(await metrics.text())
  })

  let server: Server | undefined
  /** Browsers open connections ahead; Node does not count one that has sent nothing as idle. */
  const silent = new Set<Socket>()
  const watch = (socket: Socket) => {
    silent.add(socket)
    socket.once('close', () => silent.delete(socket))
  }
  return {
    app,
    async listen(port, host) {
      endWithErrors(app, log)
      const made = createServer(app)
      limit(made)
      made.on('connection', watch)
      made.on('request', ({ socket }) => silent.delete(socket))
      server = made
      await new Promise<void>((resolve, reject) => {
        made.once('error', reject)
        made.listen(port, host, () => {
          made.off('error', reject)
          resolve()
        })
      })
      return { port: (made.address() as AddressInfo).port }
    },
    async close(graceMs = 8_000) {
      if (!server?.listening) return
      const open = server
      const closed = new Promise<void>((resolve) => open.close(() => resolve()))
      for (const socket of silent) if (!socket.bytesRead) socket.destroy()
      // A connection falls idle whenever its last running request ends.
      const sweep = setInterval(() => open.closeIdleConnections(), 50)
      await Promise.race([closed, delay(graceMs, undefined, { ref: false })])
      clearInterval(sweep)
      open.closeAllConnections()
      await closed
    },
  }
}

async function readiness(ready: () => Promise<Readiness>): Promise<Readiness> {
  const late = delay(readyWithinMs, undefined, { ref: false }).then(
    (): Readiness => ({ ok: false, why: `no answer within ${readyWithinMs} ms` }),
  )
  try {
    return await Promise.race([ready(), late])
  } catch {
    return { ok: false, why: 'the check failed' }
  }
}

function limit(server: Server): void {
  server.headersTimeout = 10_000
  server.requestTimeout = 30_000
  // Longer than a balancer keeps its side open (60 s is common), so that it is never the one to find it closed.
  server.keepAliveTimeout = 65_000
  server.maxHeadersCount = 100
}
