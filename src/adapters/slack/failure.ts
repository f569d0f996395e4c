import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api'
import type { DeliveryResult } from '../../ports/platform.ts'

export type Failure = DeliveryResult & { ok: false }

/** Passing faults of Slack's own; some of them after it had begun (docs.slack.dev/reference/methods, errors). */
const passing = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
  'external_channel_migrating',
])
const throttling = new Set(['ratelimited', 'rate_limited', 'message_limit_exceeded'])

type Gone = (Failure & { retry: false })['gone']
const refusals: Record<string, { why: string; gone?: Gone }> = {
  channel_not_found: { why: 'no such channel, or the bot is not in it', gone: 'channel' },
  is_archived: { why: 'the channel is archived', gone: 'channel' },
  not_in_channel: { why: 'the bot is not in the channel: invite it', gone: 'channel' },
  messages_tab_disabled: { why: "the app's messages tab is off", gone: 'channel' },
  message_not_found: { why: 'the message is gone', gone: 'message' },
  cant_update_message: { why: 'the message cannot be changed', gone: 'message' },
  edit_window_closed: { why: 'the message is too old to change', gone: 'message' },
  thread_not_found: { why: 'the thread is gone', gone: 'message' },
  expired_trigger_id: { why: 'the click is too long ago', gone: 'trigger' },
  trigger_expired: { why: 'the click is too long ago', gone: 'trigger' },
  exchanged_trigger_id: { why: 'the click was used already', gone: 'trigger' },
  trigger_exchanged: { why: 'the click was used already', gone: 'trigger' },
  invalid_trigger_id: { why: 'the click is not known', gone: 'trigger' },
  invalid_trigger: { why: 'the click is not known', gone: 'trigger' },
  user_not_in_channel: { why: 'the person is not in the channel' },
  user_not_found: { why: 'no such user' },
  user_disabled: { why: 'the user is deactivated' },
  cannot_dm_bot: { why: 'bots have no conversation with bots' },
  account_inactive: { why: 'the bot was removed or the workspace deleted' },
  invalid_auth: { why: 'the bot token is not valid: check SLACK_BOT_TOKEN' },
  not_authed: { why: 'the bot token is missing: check SLACK_BOT_TOKEN' },
  token_revoked: { why: 'the bot token was revoked: install the app again' },
  token_expired: { why: 'the bot token has expired: install the app again' },
  restricted_action: { why: "the workspace's settings forbid it" },
  msg_too_long: { why: 'the message is too long' },
}

const code = /^[a-z][a-z0-9_]{1,99}$/

/** Before the request went out, nothing can have been taken. */
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
])

const causeCode = (error: Error): string | undefined => {
  const cause = error.cause as { code?: unknown } | undefined
  return typeof cause?.code === 'string' ? cause.code : undefined
}

const again = (reason: string, uncertain: boolean): Failure => ({
  ok: false,
  retry: true,
  reason,
  ...(uncertain && { uncertain }),
})

const throttled = (seconds?: number): Failure => ({
  ok: false,
  retry: true,
  reason: 'Slack is slowing us down',
  throttled: true,
  ...(seconds !== undefined && { afterMs: seconds * 1000 }),
})

export const slackCode = (error: unknown): string | undefined => {
  const name = error instanceof WebAPIPlatformError ? error.data.error : undefined
  return typeof name === 'string' && code.test(name) ? name : undefined
}

const refused = (error: WebAPIPlatformError, name: string): Failure => {
  const known = refusals[name]
  const { needed } = error.data as { needed?: unknown }
  const detail = error.data.response_metadata?.messages?.[0]
  const why =
    known?.why ??
    (name === 'missing_scope' && typeof needed === 'string' ? `the app needs the scope ${needed}` : detail)
  return {
    ok: false,
    retry: false,
    reason: `Slack refused it: ${name}${why ? ` (${why.slice(0, 300)})` : ''}`,
    ...(known?.gone && { gone: known.gone }),
  }
}

/** Whether to try again after a call to the Web API failed. Pure: the outbox has the policy. */
export const failureOf = (error: unknown): Failure => {
  if (error instanceof WebAPIRateLimitedError) return throttled(error.retryAfter)
  if (error instanceof WebAPIHTTPError)
    return error.statusCode >= 500
      ? again(`Slack answered ${error.statusCode}`, true)
      : { ok: false, retry: false, reason: `Slack answered ${error.statusCode}` }
  if (error instanceof WebAPIRequestError)
    return again('Slack could not be reached', !neverSent.has(causeCode(error.original) ?? ''))
  if (error instanceof WebAPIPlatformError) {
    const name = slackCode(error)
    // WebClient puts a body that is not JSON where the error's name belongs.
    if (!name) return again("Slack's answer could not be read", true)
    if (throttling.has(name)) return throttled()
    if (passing.has(name)) return again(`Slack has a fault: ${name}`, true)
    return refused(error, name)
  }
  return again('The call to Slack broke off', true)
}

/** A 429 that names no time: so long. */
const unnamedPauseMs = 30_000

/** For an error that says when to ask again. */
export const pauseOf = (failure: Partial<Failure>): { afterMs?: number } =>
  failure.retry && failure.throttled ? { afterMs: failure.afterMs ?? unnamedPauseMs } : {}

/** Aborting stops the waiting, not the request: what it does at Slack is uncertain then. */
export const orAborted = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  work.catch(() => {})
  signal.throwIfAborted()
  const stop = Promise.withResolvers<never>()
  const abort = () => stop.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([work, stop.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
