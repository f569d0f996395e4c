import type { DeliveryResult } from '../../ports/platform.ts'

/** What nodemailer puts on an error: its own code, the system's, the server's answer and the command before it. */
type SmtpError = {
  code?: string
  originalCode?: string
  responseCode?: number
  command?: string
}

/** Commands whose refusal is about this very message; a refused login or greeting is about the connection. */
const aboutMessage = new Set(['MAIL FROM', 'RCPT TO', 'DATA'])
/** Our own side found it unusable. */
const unusable = new Set(['EENVELOPE', 'EMESSAGE', 'EFILEACCESS', 'EURLACCESS'])
/** Before the message went out, it cannot have been taken. */
const neverSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'EDNS', 'EAUTH', 'ENOAUTH', 'ETLS'])

/** Whether to try again after a mail could not be handed over (RFC 5321 4.2.1: 5yz is for good, 4yz passes). */
export function failureOf(error: unknown): DeliveryResult {
  const { code = '', originalCode, responseCode, command } = error as SmtpError
  if (responseCode) {
    const reason = `The mail server answered ${responseCode}${command ? ` to ${command}` : ''}`
    const permanent = responseCode >= 500 && aboutMessage.has(command ?? '')
    return permanent ? { ok: false, retry: false, reason } : { ok: false, retry: true, reason }
  }
  if (unusable.has(code)) return { ok: false, retry: false, reason: 'The mail could not be written' }
  const certain = neverSent.has(originalCode ?? '') || neverSent.has(code)
  const why = originalCode ?? code
  return {
    ok: false,
    retry: true,
    reason: `The mail server could not be reached${why ? ` (${why})` : ''}`,
    ...(!certain && { uncertain: true }),
  }
}
