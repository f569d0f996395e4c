import type { DeliveryResult } from '../../ports/platform.ts'

export type Failure = DeliveryResult & { ok: false }

/** What Microsoft answered, or what kept it from answering. */
export type Fault = {
  /** The login has taken no message; the service may have. */
  at: 'login' | 'service'
  status?: number
  code?: string
  retryAfter?: string
  /** The system's or our own word: ECONNREFUSED, timeout, aborted. */
  network?: string
  /** Decided here, before anything was sent. */
  refused?: string
}

type Gone = (Failure & { retry: false })['gone']

/** Why, for those that people can do something about (learn.microsoft.com/microsoftteams, "Status codes from bot APIs"). */
const refusals: Record<string, { why: string; gone?: Gone }> = {
  MessageWritesBlocked: { why: 'they have blocked or removed the bot' },
  ConversationBlockedByUser: { why: 'they have blocked the bot' },
  BotNotInConversationRoster: {
    why: 'the bot is not in the conversation: add it to the team, or they install it under Apps',
    gone: 'channel',
  },
  ForbiddenOperationException: { why: 'the bot is not installed there', gone: 'channel' },
  BotDisabledByAdmin: { why: 'an administrator of the tenant has disabled the bot' },
  BotNotRegistered: { why: 'no such bot is registered: check TEAMS_APP_ID' },
  InvalidBotApiHost: { why: 'the service url does not belong to the tenant' },
  NotEnoughPermissions: { why: 'the bot lacks the permission' },
  ConversationNotFound: { why: 'no such conversation, or the bot is not in it', gone: 'channel' },
  ChannelNotFound: { why: 'no such channel', gone: 'channel' },
  MemberNotFound: { why: 'no such user' },
  MemberNotFoundInConversation: { why: 'the person is not in the conversation' },
  ActivityNotFoundInConversation: { why: 'the message is gone', gone: 'message' },
  ActivityNotFound: { why: 'the message is gone', gone: 'message' },
  MessageSizeTooBig: { why: 'the message is too long' },
  invalid_client: { why: 'check TEAMS_APP_ID and TEAMS_APP_PASSWORD' },
  unauthorized_client: { why: 'check TEAMS_APP_ID and TEAMS_TENANT_ID' },
  invalid_request: { why: 'check TEAMS_TENANT_ID' },
  invalid_tenant: { why: 'check TEAMS_TENANT_ID' },
}

/** Before the request went out, nothing can have been taken. */
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
])

/** An answer that says that it was not done, but may be later. */
const notDone = new Set([409, 412])
/** Named in reasons as they are: nothing else of an answer is. */
const codeWord = /^[A-Za-z][A-Za-z0-9_]{1,79}$/

export const codeOf = (fault: Fault): string | undefined =>
  fault.code && codeWord.test(fault.code) ? fault.code : undefined

const milliseconds = (retryAfter: string | undefined): number | undefined => {
  if (!retryAfter?.trim()) return undefined
  const seconds = Number(retryAfter)
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(retryAfter) - Date.now()
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined
}

const again = (fault: Fault, reason: string, uncertain: boolean): Failure => {
  const afterMs = milliseconds(fault.retryAfter)
  return {
    ok: false,
    retry: true,
    reason,
    ...(afterMs !== undefined && { afterMs }),
    ...(uncertain && fault.at === 'service' && { uncertain }),
  }
}

/**
 * Whether to try again. Pure: the outbox has the policy.
 * @param about what the call was about: what a bare 404 says is gone.
 */
export const failureOf = (fault: Fault, about: 'message' | 'channel' = 'channel'): Failure => {
  const { at, status } = fault
  const who = at === 'login' ? "Microsoft's login" : 'Teams'
  if (fault.refused) return { ok: false, retry: false, reason: fault.refused }
  if (status === undefined) {
    const why = fault.network ? ` (${fault.network})` : ''
    return again(fault, `${who} could not be reached${why}`, !neverSent.has(fault.network ?? ''))
  }
  if (status === 429)
    return { ...again(fault, 'Teams is slowing us down', false), throttled: true } as Failure
  if (notDone.has(status)) return again(fault, `${who} answered ${status}`, false)
  if (status === 408 || status >= 500 || status < 400) return again(fault, `${who} answered ${status}`, true)
  const code = codeOf(fault)
  const known = code ? refusals[code] : undefined
  const why = known?.why ?? (status === 401 ? 'check TEAMS_APP_ID and TEAMS_APP_PASSWORD' : undefined)
  const gone = known ? known.gone : status === 404 && at === 'service' ? about : undefined
  return {
    ok: false,
    retry: false,
    reason: `${who} refused it: ${code ?? status}${why ? ` (${why})` : ''}`,
    ...(gone && { gone }),
  }
}

/** A 429 that names no time: so long. */
const unnamedPauseMs = 30_000

/** For an error that says when to ask again. */
export const pauseOf = (failure: Failure): { afterMs?: number } =>
  failure.retry && (failure.throttled || failure.afterMs !== undefined)
    ? { afterMs: failure.afterMs ?? unnamedPauseMs }
    : {}
