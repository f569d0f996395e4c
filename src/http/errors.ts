import { STATUS_CODES } from 'node:http'
import type { Express, NextFunction, Request, Response } from 'express'
import type { Logger } from '../log.ts'

/** What no route took, and what one threw: a status and a few words, never what was wrong inside. */
export function endWithErrors(app: Express, log: Logger): void {
  app.use((request: Request, response: Response) => {
    const allowed = methodsOf(app, request.path)
    if (!allowed.length) return answer(response, 404)
    response.set('allow', allowed.join(', '))
    answer(response, 405)
  })
  // Express knows an error handler by its four parameters.
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    const status = statusOf(error)
    if (status >= 500) log.error({ err: error, path: request.path }, 'a request failed')
    if (response.headersSent) return void response.destroy()
    answer(response, status)
  })
}

function answer(response: Response, status: number): void {
  response
    .status(status)
    .type('text')
    .send(`${(STATUS_CODES[status] ?? 'error').toLowerCase()}\n`)
}

/** body-parser and Express put the client's faults on the error; anything else is ours. */
function statusOf(error: unknown): number {
  const status = (error as { status?: unknown } | undefined)?.status
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500
}

/** What router 2 has on a layer; @types/express leaves `match` out. */
type Layer = { route?: { methods: Record<string, boolean> }; match(path: string): boolean }

/** The methods that some route has for this path. */
function methodsOf(app: Express, path: string): string[] {
  const layers = app.router.stack as unknown as Layer[]
  const methods = layers.flatMap((layer) => {
    if (!layer.route) return []
    try {
      return layer.match(path) ? Object.keys(layer.route.methods) : []
    } catch {
      // A path that cannot be decoded matches nothing.
      return []
    }
  })
  return [...new Set(methods.map((name) => name.toUpperCase()))].filter((name) => name !== '_ALL')
}
