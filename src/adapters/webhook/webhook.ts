import { Webhook } from 'standardwebhooks'
import { plainText } from '../../messages/plain-text.ts'
import type { SendOutgoing } from '../../outgoing.ts'
import type { Carrier, Content, DeliveryResult, Outgoing } from '../../ports/platform.ts'

export type WebhookAddress = { url: string; secret: string }

export type WebhookOptions = {
  /** Undefined: there is none of that id any more. */
  lookUp(orgId: string, webhookId: string): Promise<WebhookAddress | undefined>
  send: SendOutgoing
}

/** Programs: what happened is posted to them, signed as Standard Webhooks 1.0 does. */
export function createWebhookCarrier({ lookUp, send }: WebhookOptions): Carrier<'webhook'> {
  const deliver = async (orgId: string, outgoing: Outgoing, signal: AbortSignal): Promise<DeliveryResult> => {
    const { content, route } = outgoing
    // What was sent cannot be changed.
    if (content.type === 'update') return { ok: true, receipt: content.message }
    const payload = payloadOf(content)
    if (!payload) return refused('Dialogs are for people')
    if (route.type !== 'channel') return refused('That is no webhook')
    const webhook = await lookUp(orgId, route.channel)
    if (!webhook) return refused('The webhook has been removed')
    const body = JSON.stringify(payload)
    const at = new Date()
    const answer = await send(webhook.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': outgoing.id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': new Webhook(keyOf(webhook.secret)).sign(outgoing.id, at, body),
      },
      body,
      signal,
      // An answer's words are of no use to us.
      maxBytes: 1_024,
    })
    if (!answer.ok) {
      const { reason, uncertain } = answer
      return answer.refused ? refused(reason) : { ok: false, retry: true, reason, uncertain }
    }
    return resultOf(answer.status, answer.headers['retry-after'], {
      channel: route.channel,
      message: outgoing.id,
    })
  }
  return {
    name: 'webhook',
    paceMs: 0,
    deliver: ({ orgId }, outgoing, signal) => deliver(orgId, outgoing, signal),
  }
}

/** The body of Standard Webhooks: what, when, and the facts. */
function payloadOf(content: Content): { type: string; timestamp: string; data: unknown } | undefined {
  switch (content.type) {
    case 'event':
      return { type: content.name, timestamp: content.at, data: content.data }
    case 'card': {
      const { summary, blocks } = content.card
      const text = plainText({ summary, blocks: blocks.filter(({ type }) => type !== 'buttons') })
      return { type: 'notice', timestamp: new Date().toISOString(), data: { summary, text } }
    }
    default:
      return undefined
  }
}

/** `whsec_` and the key in base64, as the standard writes it; of any other text its UTF-8 bytes are the key. */
const keyOf = (secret: string): string =>
  standard.test(secret) ? secret : Buffer.from(secret, 'utf8').toString('base64')

const standard = /^whsec_(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/

/** Statuses of a client's fault that pass by themselves. */
const passing = new Set([408, 409, 425, 429])

function resultOf(
  status: number,
  retryAfter: string | undefined,
  receipt: { channel: string; message: string },
): DeliveryResult {
  if (status >= 200 && status < 300) return { ok: true, receipt }
  const reason = `The webhook answered ${status}`
  if (status >= 400 && status < 500 && !passing.has(status)) return refused(reason)
  if (status >= 300 && status < 400) return refused(`${reason}: redirects are not followed`)
  const afterMs = milliseconds(retryAfter)
  return {
    ok: false,
    retry: true,
    reason,
    ...(afterMs !== undefined && { afterMs }),
    ...(status === 429 && { throttled: true }),
  }
}

/** The most that a receiver may keep its events waiting. */
const longestPauseMs = 60 * 60_000

/** Seconds or a date (RFC 9110 10.2.3). */
function milliseconds(retryAfter: string | undefined): number | undefined {
  if (!retryAfter) return undefined
  const given = /^\s*\d+\s*$/.test(retryAfter)
    ? Number(retryAfter) * 1000
    : Date.parse(retryAfter) - Date.now()
  return Number.isNaN(given) ? undefined : Math.min(Math.max(0, given), longestPauseMs)
}

const refused = (reason: string): DeliveryResult => ({ ok: false, retry: false, reason })
