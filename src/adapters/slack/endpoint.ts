import type { IncomingMessage, ServerResponse } from 'node:http'
import { sendAnswer } from '../../http-answer.ts'
import type { Logger } from '../../log.ts'
import { discard, readRaw } from '../../raw-body.ts'
import { decode } from './body.ts'
import type { Answer } from './refuse.ts'
import { readRequest } from './request.ts'
import { signed, timely } from './signature.ts'
import type { Take } from './take.ts'

/** Slack's check of the certificate carries no signature and asks for nothing. */
const certificateCheck = /^(?:(?:ssl_check=1|token=[\w-]*)(?:&|$))+$/

const header = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name]
  return typeof value === 'string' ? value : undefined
}

const forged: Answer = { status: 401, body: 'The signature is missing, wrong or too old.' }

/**
 * POST /slack/events. Bolt's own receiver is not used here: it lets a signature be from the future, reads a body of
 * any size and answers before anything is stored.
 */
export const createEndpoint = (options: { secret: string; take: Take; log: Logger }) => {
  const answerTo = async (request: IncomingMessage): Promise<Answer> => {
    const timestamp = header(request, 'x-slack-request-timestamp')
    const signature = header(request, 'x-slack-signature')
    if (signature !== undefined && !timely(timestamp)) {
      discard(request)
      return forged
    }
    const raw = await readRaw(request)
    if (!raw.ok) return { status: raw.status, body: raw.reason }
    if (!timestamp || !signed(options.secret, timestamp, raw.body, signature))
      return raw.body.length <= 200 && certificateCheck.test(raw.body.toString('latin1'))
        ? { status: 200 }
        : forged
    const decoded = decode(raw.body, request.headers['content-type'])
    if (!decoded.ok) return { status: decoded.status, body: decoded.reason }
    const read = readRequest(decoded.body, signature ?? '')
    switch (read.kind) {
      case 'challenge':
        return { status: 200, body: { challenge: read.challenge } }
      case 'options':
        return { status: 200, body: { options: [] } }
      case 'nothing':
        return { status: 200 }
      case 'unusable':
        options.log.warn({ reason: read.reason }, 'A signed request from Slack was unusable')
        return { status: 400, body: read.reason }
      default:
        return await options.take(read)
    }
  }

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      sendAnswer(response, await answerTo(request))
    } catch (error) {
      options.log.error({ err: error }, 'A request from Slack failed')
      sendAnswer(response, { status: 500, body: 'Nothing was done.' })
    }
  }
}
