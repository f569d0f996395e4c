import type { DeliveryResult } from '../../ports/platform.ts'

/** What Twilio answered, or what kept it from answering. */
export type TwilioFailure = { status?: number; code?: number; retryAfter?: string; network?: string }

/** Why, for those that people can do something about (twilio.com/docs/api/errors). */
const refusals: Record<number, string> = {
  20003: 'check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN',
  21211: 'no such telephone number',
  21212: 'TWILIO_FROM is not a number of the account',
  21214: 'the telephone number cannot be reached',
  21217: 'the telephone number is not written as it should be',
  21408: "the account may not send to the number's country",
  21606: 'TWILIO_FROM cannot send text messages there',
  21608: 'a trial account sends to verified numbers alone',
  21610: 'its owner has unsubscribed with STOP',
  21612: 'the number cannot be reached from TWILIO_FROM',
  21614: 'the number is not a mobile one',
  30003: 'the telephone was off or out of reach',
  30004: 'the number or its carrier blocks the sender',
  30005: 'no such telephone number',
  30006: 'the number is a landline or cannot be reached',
}

/** Passing, although their status says otherwise: full queues, too many at once. */
const passing = new Set([14107, 20429, 21611, 30001])

/** Before the request went out, nothing can have been taken. */
const neverSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])

/**
 * Whether to try again. Twilio gives cases codes of their own as it goes, so a code that is not known here counts by
 * its status.
 */
export function failureOf({ status, code, retryAfter, network }: TwilioFailure): DeliveryResult {
  if (status === undefined) {
    return {
      ok: false,
      retry: true,
      reason: `Twilio could not be reached${network ? ` (${network})` : ''}`,
      ...(!neverSent.has(network ?? '') && { uncertain: true }),
    }
  }
  if (status === 429 || (code !== undefined && passing.has(code))) {
    const afterMs = milliseconds(retryAfter)
    return {
      ok: false,
      retry: true,
      reason: 'Twilio is slowing us down',
      throttled: true,
      ...(afterMs !== undefined && { afterMs }),
    }
  }
  if (status >= 500) return { ok: false, retry: true, reason: `Twilio answered ${status}`, uncertain: true }
  const why = code === undefined ? undefined : refusals[code]
  return {
    ok: false,
    retry: false,
    reason: `Twilio refused it: ${code ?? status}${why ? ` (${why})` : ''}`,
  }
}

/** Twilio gives seconds. */
function milliseconds(retryAfter: string | undefined): number | undefined {
  const seconds = Number(retryAfter?.trim() || Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined
}
