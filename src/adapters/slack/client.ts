import { type FetchFunction, WebClient } from '@slack/web-api'
import type { Logger } from '../../log.ts'
import { quietLogger } from './quiet-logger.ts'

export const callTimeoutMs = 8000

/** A 429 that names no time is a plain Error in WebClient: with one it is its RateLimitedError. */
const slackFetch: FetchFunction = async (url, init) => {
  const response = await fetch(url, init)
  if (response.status !== 429 || /^\d/.test(response.headers.get('retry-after') ?? '')) return response
  const headers = new Headers(response.headers)
  headers.set('retry-after', '1')
  return new Response(response.body, { status: 429, headers })
}

/** Its own retries are off: the outbox retries, and would otherwise hold a lease for half an hour. */
export const createClient = (token: string, apiUrl: string | undefined, log: Logger): WebClient =>
  new WebClient(token, {
    ...(apiUrl && { slackApiUrl: apiUrl }),
    logger: quietLogger(log),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: callTimeoutMs,
    fetch: slackFetch,
    allowAbsoluteUrls: false,
  })
