import twilio from 'twilio'
import type { Carrier, DeliveryResult, Outgoing } from '../../ports/platform.ts'
import { failureOf, type TwilioFailure } from './failure.ts'
import { firstLink, smsText } from './text.ts'

export type SmsAccount = { accountSid: string; authToken: string; from: string }

/** Milliseconds; a try of the outbox ends after 10 s. */
const patience = 9_000
/** How far back an earlier try is looked for; the outbox gives up before. */
const lookBackMs = 24 * 60 * 60_000

/** @param account TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM. */
export function createSms(account: SmsAccount): Carrier<'sms'> {
  const http = new twilio.RequestClient({ timeout: patience, autoRetry: false })

  /** A client for one call, which shows what was answered: Retry-After is on no error of the library's. */
  const observed = () => {
    const seen: TwilioFailure = {}
    const client: typeof http = Object.create(http)
    client.request = async (options) => {
      const response = await http.request(options)
      seen.status = response.statusCode
      seen.retryAfter = response.headers?.['retry-after']
      return response
    }
    return { seen, api: twilio(account.accountSid, account.authToken, { httpClient: client }) }
  }

  const create = async (to: string, body: string): Promise<DeliveryResult> => {
    const { api, seen } = observed()
    try {
      const { sid } = await api.messages.create({ to, from: account.from, body })
      return { ok: true, receipt: { channel: to, message: sid } }
    } catch (error) {
      return failureOf({ ...seen, ...codeOf(error) })
    }
  }

  /** Where looking is not possible at all, a duplicate beats a message that never came. */
  const earlierTry = async (to: string, body: string): Promise<DeliveryResult | undefined> => {
    const { api, seen } = observed()
    try {
      const dateSentAfter = new Date(Date.now() - lookBackMs)
      const sent = await api.messages.list({ to, dateSentAfter, limit: 50 })
      const found = sent.find((message) => message.body.includes(body))
      return found && { ok: true, receipt: { channel: to, message: found.sid } }
    } catch (error) {
      const failure = failureOf({ ...seen, ...codeOf(error) })
      return !failure.ok && failure.retry ? { ...failure, uncertain: true } : undefined
    }
  }

  const attempt = async (outgoing: Outgoing, signal: AbortSignal): Promise<DeliveryResult> => {
    const { content, route } = outgoing
    // What was sent cannot be changed.
    if (content.type === 'update') return { ok: true, receipt: content.message }
    if (route.type !== 'person') return refused('That is no telephone number')
    if (content.type !== 'card') return refused('Only messages go by SMS')
    // The library accepts no other, and would throw.
    if (!account.accountSid.startsWith('AC')) return refused('TWILIO_ACCOUNT_SID does not begin with AC')
    const body = smsText(content.card)
    // Only a message with a link of its own can be told from another that says the same.
    if (outgoing.uncertain && firstLink(content.card)) {
      const earlier = await earlierTry(route.user, body)
      if (earlier) return earlier
    }
    if (signal.aborted) return stopped
    return create(route.user, body)
  }
  return {
    name: 'sms',
    paceMs: 0,
    deliver: (_workspace, outgoing, signal) => orStopped(attempt(outgoing, signal), signal),
  }
}

const refused = (reason: string): DeliveryResult => ({ ok: false, retry: false, reason })

const stopped: DeliveryResult = { ok: false, retry: true, reason: 'Stopped while sending', uncertain: true }

/** The library has no way to end a request: what it does at Twilio is uncertain then. */
async function orStopped(work: Promise<DeliveryResult>, signal: AbortSignal): Promise<DeliveryResult> {
  const { promise, resolve } = Promise.withResolvers<DeliveryResult>()
  const stop = () => resolve(stopped)
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** A number is Twilio's code, a word the system's. */
function codeOf(error: unknown): Pick<TwilioFailure, 'code' | 'network'> {
  const { code } = error as { code?: unknown }
  if (typeof code === 'number') return { code }
  return typeof code === 'string' ? { network: code } : {}
}
