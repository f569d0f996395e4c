import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

export type TakenMail = {
  from: string
  to: string[]
  source: string
  headers: string
  text: string
  html: string
}

/** A real SMTP server on loopback that keeps what it takes; `refuse` answers a recipient or the message. */
export async function startSmtp() {
  const taken: TakenMail[] = []
  const control: {
    recipient?: (address: string) => { code: number; text: string } | undefined
    message?: () => { code: number; text: string } | undefined
    hang?: boolean
  } = {}
  const failure = ({ code, text }: { code: number; text: string }) =>
    Object.assign(new Error(text), { responseCode: code })
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo({ address }, _session, done) {
      const refusal = control.recipient?.(address)
      done(refusal ? failure(refusal) : undefined)
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        if (control.hang) return
        const refusal = control.message?.()
        if (refusal) return done(failure(refusal))
        const { mailFrom, rcptTo } = session.envelope
        taken.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          ...parts(Buffer.concat(chunks).toString('utf8')),
        })
        done()
      })
    },
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const { port } = server.server.address() as AddressInfo
  return {
    url: `smtp://127.0.0.1:${port}`,
    taken,
    control,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

/** The headers unfolded, and both forms of the words decoded. */
function parts(source: string): Pick<TakenMail, 'source' | 'headers' | 'text' | 'html'> {
  const [head = '', ...body] = source.split('\r\n\r\n')
  const of = (type: string) => {
    const part = source.split(/\r\n--[^\r]*/).find((each) => each.includes(`Content-Type: ${type}`)) ?? ''
    const [partHead = '', ...rest] = part.split('\r\n\r\n')
    return decoded(rest.join('\r\n\r\n'), /Content-Transfer-Encoding: (\S+)/i.exec(partHead)?.[1] ?? '7bit')
  }
  return {
    source,
    headers: head.replaceAll(/\r\n[ \t]+/g, ' '),
    text: of('text/plain') || body.join('\r\n\r\n'),
    html: of('text/html'),
  }
}

function decoded(body: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8')
  if (encoding !== 'quoted-printable') return body
  const bytes = body
    .replaceAll(/=\r\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
