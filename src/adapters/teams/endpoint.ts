import { isUtf8 } from 'node:buffer'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { sendAnswer } from '../../http-answer.ts'
import { decodeJson } from '../../json-body.ts'
import type { Logger } from '../../log.ts'
import { discard, readRaw } from '../../raw-body.ts'
import { activityShape } from './activity.ts'
import type { InvokeAnswer } from './application.ts'
import type { Gate } from './gate.ts'
import type { Take } from './take.ts'

/** Teams' own activities stay near 100 KB. */
const maxBytes = 1_000_000

const unusable = (reason: string): InvokeAnswer => ({ status: 400, body: reason })

/**
 * POST /api/messages. The package's own adapter is not used here: it let forged tokens through or failed on them,
 * reads a body of any size, and answers before anything is stored.
 */
export const createEndpoint = ({ gate, take, log }: { gate: Gate; take: Take; log: Logger }) => {
  const answerTo = async (request: IncomingMessage): Promise<InvokeAnswer> => {
    const { authorization, host, 'content-type': contentType } = request.headers
    const verified = await gate.token(authorization, host)
    if (!verified.ok) {
      discard(request)
      return verified
    }
    const raw = await readRaw(request, { maxBytes })
    if (!raw.ok) return { status: raw.status, body: raw.reason }
    // A browser sends JSON to another site only after asking, which nobody answers here.
    if (!/^application\/json\s*(;|$)/i.test(contentType ?? ''))
      return { status: 415, body: 'The content is not JSON.' }
    if (!isUtf8(raw.body)) return unusable('The body is not valid UTF-8.')
    const decoded = decodeJson(raw.body.toString('utf8'))
    if (!decoded.ok) return unusable(decoded.reason)
    const parsed = activityShape.safeParse(decoded.body)
    if (!parsed.success) {
      const where = parsed.error.issues[0]?.path.join('.').slice(0, 60)
      log.warn({ where }, 'A verified activity was unusable')
      return unusable(`The activity is wrong at ${where || 'its root'}.`)
    }
    const allowed = gate.activity(verified, parsed.data)
    return allowed.ok ? await take(parsed.data, decoded.body) : allowed
  }

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const { status, body } = await answerTo(request)
      sendAnswer(response, { status, body })
    } catch (error) {
      log.error({ err: error }, 'A request from Teams failed')
      sendAnswer(response, { status: 500, body: 'Nothing was done.' })
    }
  }
}
