import type { NextFunction, Request, Response } from 'express'
import type { Logger } from 'pino'
import { isTocsinError } from '../../errors.ts'

/** An answer with a status other than success and a short reason. */
export class Refusal extends Error {
  readonly status: number
  constructor(status: number, reason: string) {
    super(reason)
    this.status = status
  }
}

const parserReasons: Record<string, [number, string]> = {
  'entity.too.large': [413, 'That is too long: at most 64 KB.'],
  'entity.parse.failed': [400, 'That is not JSON.'],
  'charset.unsupported': [415, 'Only UTF-8 is read.'],
  'encoding.unsupported': [415, 'That encoding is not read.'],
}

/** The last handler: every failure becomes a status and a sentence, never a stack. */
export const answerFailure =
  (log: Logger) => (error: unknown, req: Request, res: Response, next: NextFunction) => {
    if (res.headersSent) return next(error)
    const [status, reason] = failure(error)
    if (status >= 500) log.warn({ err: error, path: req.path }, 'console request failed')
    res.status(status).json({ error: reason })
  }

function failure(error: unknown): [number, string] {
  if (error instanceof Refusal) return [error.status, error.message]
  if (isTocsinError(error)) return [error.kind === 'unavailable' ? 503 : 400, error.message]
  const { type, status } = (error ?? {}) as { type?: unknown; status?: unknown }
  const known = typeof type === 'string' ? parserReasons[type] : undefined
  if (known) return known
  if (typeof status === 'number' && status >= 400 && status < 500)
    return [status, 'That request cannot be read.']
  return [503, 'Nothing was done: the console could not reach what it needs. Try again.']
}
