import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import nock from 'nock'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exampleCorp, startTocsin, type Tocsin } from '../support/app.ts'
import { startSmtp } from './smtp-stand-in.ts'

let smtp: Awaited<ReturnType<typeof startSmtp>>
let tocsin: Tocsin
let hooks: Server
const events: { type: string; data: Record<string, unknown> }[] = []
const texts: string[] = []
const secret = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`
const sid = `AC${'0'.repeat(32)}`

beforeAll(async () => {
  smtp = await startSmtp()
  hooks = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      events.push(
        new Webhook(secret).verify(body, request.headers as Record<string, string>) as (typeof events)[0],
      )
      response.writeHead(204).end()
    })
  })
  await new Promise<void>((resolve) => hooks.listen(0, '127.0.0.1', resolve))
  nock('https://api.twilio.com')
    .persist()
    .post(`/2010-04-01/Accounts/${sid}/Messages.json`, (body: { Body: string }) => {
      texts.push(body.Body)
      return true
    })
    .reply(201, { sid: 'SM1' })
  tocsin = await startTocsin({
    configuration: `${exampleCorp.replace('email: lena@example.com,', 'email: lena@example.com, phone: "+441632960000",')}
preferences:
  high: [{ route: chat, after: 0s }, { route: sms, after: 1m }, { route: email, after: 2m }]
  low: [{ route: chat, after: 0s }, { route: sms, after: 1m }, { route: email, after: 2m }]
webhooks:
  - name: lake
    url: http://127.0.0.1:${(hooks.address() as AddressInfo).port}/
    secret: "\${HOOK_SECRET}"
    events: [incident.declared, incident.acknowledged]
`,
    env: {
      SMTP_URL: smtp.url,
      MAIL_FROM: 'tocsin@example.com',
      TWILIO_ACCOUNT_SID: sid,
      TWILIO_AUTH_TOKEN: 'token',
      TWILIO_FROM: '+15005550006',
      ALLOWED_NETWORKS: '127.0.0.0/8',
      HOOK_SECRET: secret,
      PUBLIC_URL: 'https://tocsin.example.com',
    },
  })
})
afterAll(async () => {
  await tocsin?.stop()
  await smtp?.close()
  hooks?.closeAllConnections()
  hooks?.close()
  nock.cleanAll()
})

const until = async (what: () => boolean) => {
  const end = Date.now() + 15_000
  while (!what()) {
    if (Date.now() > end)
      throw new Error(`did not happen: ${JSON.stringify({ texts, events, mails: smtp.taken.length })}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
const linkIn = (text: string) => /https:\/\/tocsin\.example\.com(\/p\/[\w-]{38})/.exec(text)?.[1]

test('a page climbs from chat to text message to e-mail, whose link acknowledges once and for all', async () => {
  await tocsin.slack.as('ULENA').command('whoami')
  await tocsin.slack.as('UIDA').command('declare Checkout is down', { channel: 'C0PAYMENTS' })
  await tocsin.settled()
  await tocsin.advance('1 minute')
  await until(() => texts.length > 0)
  expect(texts[0]).toContain('INC-001 needs you: Checkout is down')
  expect(texts[0]!.length).toBeLessThanOrEqual(160)
  expect(linkIn(texts[0]!)).toBeDefined()

  await tocsin.advance('1 minute')
  await until(() => smtp.taken.length > 0)
  const mail = smtp.taken[0]!
  expect(mail.to).toEqual(['lena@example.com'])
  const path = linkIn(mail.text)!

  const shown = await fetch(`${tocsin.url}${path}`)
  expect(shown.status).toBe(200)
  expect(await shown.text()).toContain('INC-001 needs you: Checkout is down')
  const pressed = await fetch(`${tocsin.url}${path}`, {
    method: 'POST',
    body: new URLSearchParams({ action: 'acknowledge' }),
  })
  expect(pressed.status).toBe(410)
  expect(await pressed.text()).toContain('Acknowledged by Lena Lead at')
  const [incident] = await tocsin.sql<{ status: string }>('select status from incidents')
  expect(incident!.status).toBe('IN_PROGRESS')

  // The link of the text message, which was never pressed, is over with its page.
  const other = await fetch(`${tocsin.url}${linkIn(texts[0]!)}`)
  expect(other.status).toBe(410)
  expect(await other.text()).toContain('Acknowledged by Lena Lead at')
})

test('webhooks hear what they ask for, signed', async () => {
  await until(() => events.length >= 2)
  expect(events.map(({ type, data }) => [type, data.key, data.by])).toEqual([
    ['incident.declared', 'INC-001', 'Ida Torres'],
    ['incident.acknowledged', 'INC-001', 'Lena Lead'],
  ])
})

test('no secret of a carrier is in the audit log, the outbox or the settings', async () => {
  const rows = await tocsin.sql(`select to_jsonb(a)::text as words from audit a
    union all select to_jsonb(d)::text from deliveries d
    union all select to_jsonb(o)::text from organizations o`)
  expect(JSON.stringify(rows)).not.toContain(secret)
})
