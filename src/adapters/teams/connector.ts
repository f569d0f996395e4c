/**
 * The Bot Connector REST API (learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference).
 *
 * Called with plain fetch instead of botframework-connector's ConnectorClient, for measured reasons: 4.23.3 sends of an
 * activity's entities only what its serializer knows, so that a stream's `streamType` and `streamId` never arrive; it
 * is no export of botbuilder's; its retries would hold the outbox's lease; its token cache is one for the process.
 */
import type { Fault } from './failure.ts'
import { createToken, networkCode, type TokenOptions } from './token.ts'

export type Call = {
  serviceUrl: string
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below `/v3`, not yet encoded: `['conversations', id, 'activities']`. */
  path: string[]
  body?: Record<string, unknown>
  signal?: AbortSignal
}

export type Answer = { ok: true; body: Record<string, unknown> } | { ok: false; fault: Fault }

export type Connector = (call: Call) => Promise<Answer>

/** Milliseconds; a try of the outbox ends after 10 s. */
const patience = 9_000

export const createConnector = (
  options: TokenOptions & { isServiceUrl: (serviceUrl: string) => boolean },
): Connector => {
  const tokens = createToken(options)

  const once = async (call: Call, token: string | undefined, signal: AbortSignal): Promise<Answer> => {
    const path = call.path.map(encodeURIComponent).join('/')
    try {
      const response = await fetch(`${call.serviceUrl.replace(/\/+$/, '')}/v3/${path}`, {
        method: call.method,
        headers: {
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(call.body && { 'content-type': 'application/json; charset=utf-8' }),
        },
        body: call.body && JSON.stringify(call.body),
        // The token goes to nobody else.
        redirect: 'error',
        signal,
      })
      const body = asObject(await response.text())
      if (response.ok) return { ok: true, body }
      const retryAfter = response.headers.get('retry-after') ?? undefined
      return { ok: false, fault: { at: 'service', status: response.status, code: codeIn(body), retryAfter } }
    } catch (error) {
      return { ok: false, fault: { at: 'service', network: networkCode(error) } }
    }
  }

  return async (call) => {
    // Encoded or not, these would leave the path that they stand in.
    if (call.path.some((part) => part === '.' || part === '..'))
      return { ok: false, fault: { at: 'service', status: 404 } }
    if (!options.isServiceUrl(call.serviceUrl))
      return {
        ok: false,
        fault: { at: 'service', refused: 'The service url is not one that TEAMS_SERVICE_HOSTS allows' },
      }
    const signal = AbortSignal.any([AbortSignal.timeout(patience), ...(call.signal ? [call.signal] : [])])
    for (let second = false; ; second = true) {
      const answer = await unlessAborted(tokens.get(), signal)
      if ('fault' in answer) return { ok: false, fault: answer.fault }
      const result = await once(call, answer.token, signal)
      // A token that has just been revoked or rotated: once more with a new one.
      if (second || result.ok || result.fault.status !== 401 || !answer.token) return result
      tokens.drop(answer.token)
    }
  }
}

/** Waiting ends, the fetch of the token goes on for those who still wait. */
const unlessAborted = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T | { fault: Fault }> => {
  const stopped = { fault: { at: 'login', network: 'aborted' } } as const
  if (signal.aborted) return stopped
  const { promise, resolve } = Promise.withResolvers<typeof stopped>()
  const stop = () => resolve(stopped)
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

const asObject = (text: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** Teams says why in `error.code`, and now and then more exactly in `error.innerHttpError` or `subCode`. */
const codeIn = ({ error, errorCode, subCode }: Record<string, unknown>): string | undefined => {
  const inner = (error ?? {}) as { code?: unknown; subCode?: unknown }
  return [subCode, inner.subCode, inner.code, errorCode].find((each) => typeof each === 'string' && each) as
    | string
    | undefined
}
