import { createTransport } from 'nodemailer'
import type { Carrier, DeliveryResult, Outgoing } from '../../ports/platform.ts'
import { failureOf } from './failure.ts'
import { addressable, mailOf } from './mail.ts'
import { createPlaces } from './places.ts'

/** Connections to the mail server; what else is to be sent waits for one. */
const connections = 5
/** Milliseconds; a try of the outbox ends after 10 s. */
const patience = 8_000
/** What has no connection by then has time left for no sending. Milliseconds. */
const longestWait = 3_000

export type Email = { carrier: Carrier<'email'>; close(): void }

/** @param config SMTP_URL and MAIL_FROM. */
export function createEmail(config: { url: string; from: string }): Email {
  const transport = createTransport({
    url: config.url,
    pool: true,
    maxConnections: connections,
    // Trying again is the outbox's: a connection that broke may have taken the message.
    maxRequeues: 0,
    connectionTimeout: patience,
    greetingTimeout: patience,
    socketTimeout: patience,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const places = createPlaces(connections)
  const deliver = async (outgoing: Outgoing, signal: AbortSignal): Promise<DeliveryResult> => {
    const { content, route } = outgoing
    // What was sent cannot be changed.
    if (content.type === 'update') return { ok: true, receipt: content.message }
    if (route.type !== 'person' || !addressable(route.user)) return refused('That is no e-mail address')
    if (content.type !== 'card') return refused('Only messages go by e-mail')
    // The transport's own line has no way out: what waited there and was given up would be sent all the same.
    if (!(await places.take(AbortSignal.any([signal, AbortSignal.timeout(longestWait)])))) {
      return { ok: false, retry: true, reason: 'The mail server is busy with other mail' }
    }
    try {
      const mail = mailOf(content.card, { id: outgoing.id, from: config.from, to: route.user })
      const { messageId } = await transport.sendMail(mail)
      return { ok: true, receipt: { channel: route.user, message: messageId ?? mail.messageId } }
    } catch (error) {
      return failureOf(error)
    } finally {
      places.giveBack()
    }
  }
  return {
    carrier: {
      name: 'email',
      paceMs: 0,
      deliver: (_workspace, outgoing, signal) => deliver(outgoing, signal),
    },
    close: () => transport.close({ force: true }),
  }
}

const refused = (reason: string): DeliveryResult => ({ ok: false, retry: false, reason })
