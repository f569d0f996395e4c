import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEmail, type Email } from '../../src/adapters/email/email.ts'
import type { Card } from '../../src/messages/card.ts'
import { pageCard } from '../../src/messages/page-card.ts'
import type { Content, Outgoing } from '../../src/ports/platform.ts'
import { startSmtp } from './smtp-stand-in.ts'

let smtp: Awaited<ReturnType<typeof startSmtp>>
let email: Email
beforeEach(async () => {
  smtp = await startSmtp()
  email = createEmail({ url: smtp.url, from: 'Tocsin <tocsin@example.com>' })
})
afterEach(async () => {
  email.close()
  await smtp.close()
})

const workspace = { orgId: 'o', id: 'w', platform: 'email', externalId: 'o' } as const
const outgoing = (content: Content, to = 'ida@example.com'): Outgoing => ({
  id: '0190a1b2-0000-7000-8000-000000000001',
  route: { type: 'person', user: to },
  content,
  uncertain: false,
  mentions: {},
})
const card = (more: Partial<Card> = {}): Content => ({
  type: 'card',
  card: { summary: 'INC-001', blocks: [], ...more },
})
const deliver = (message: Outgoing, by = email, signal = new AbortController().signal) =>
  by.carrier.deliver(workspace, message, signal)

const page = (title: string): Content => ({
  type: 'card',
  card: pageCard(
    {
      incident: { id: 'i', key: 'INC-001', title, priority: 'P1', version: 1 },
      why: 'You are on call for payments.',
    },
    'page',
    'https://tocsin.example.com/p/TOKEN',
  ),
})

test('a page arrives as plain text and HTML with its link, nothing to press that does not work', async () => {
  expect(await deliver(outgoing(page('Checkout is down')))).toMatchObject({ ok: true })
  const mail = smtp.taken[0]!
  expect(mail).toMatchObject({ from: 'tocsin@example.com', to: ['ida@example.com'] })
  expect(mail.headers).toContain('Subject: INC-001 needs you: Checkout is down (P1)')
  expect(mail.headers).toContain('Auto-Submitted: auto-generated')
  expect(mail.headers).toContain('Message-ID: <0190a1b2-0000-7000-8000-000000000001@example.com>')
  expect(mail.headers).toMatch(/From: "?Tocsin"? <tocsin@example.com>/)
  expect(mail.text).toContain('You are on call for payments.')
  expect(mail.text).toContain('Acknowledge or escalate: https://tocsin.example.com/p/TOKEN')
  expect(mail.html).toMatch(
    /<a href="https:\/\/tocsin\.example\.com\/p\/TOKEN"[^>]*>Acknowledge or escalate<\/a>/,
  )
  expect(mail.html).toContain('width=device-width')
})

test('the same delivery sent twice has the same Message-ID', async () => {
  await deliver(outgoing(page('x')))
  await deliver(outgoing(page('x')))
  const ids = smtp.taken.map(({ headers }) => /Message-ID: (\S+)/.exec(headers)?.[1])
  expect(new Set(ids).size).toBe(1)
})

test('markup in a title stays words, and so does a link that people typed', async () => {
  await deliver(outgoing(page('<script>alert(1)</script> & <a href="https://evil.example">x</a> "q" \'s\'')))
  const { html } = smtp.taken[0]!
  expect(html).not.toContain('<script')
  expect(html).not.toContain('href="https://evil')
  expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp;')
})

test('a line break in a title or a name starts no header and no second recipient', async () => {
  const summary = 'INC-001 by Ida\r\nBcc: spy@evil.example\r\n\r\nbody\u0000\u2028X-Evil: 1'
  await deliver(outgoing(card({ summary })))
  const { headers, to } = smtp.taken[0]!
  expect(to).toEqual(['ida@example.com'])
  expect(headers).not.toMatch(/^(Bcc|X-Evil):/im)
  expect(headers).toContain('Subject: INC-001 by Ida Bcc: spy@evil.example body X-Evil: 1')
})

test.each([
  'a@example.com, b@example.com',
  'a@example.com\r\nRCPT TO:<b@example.com>',
  'Ida <a@example.com>',
  'nobody',
  '',
  'a b@example.com',
  '"a"@example.com',
])('%j is no address, and nothing is sent', async (to) => {
  expect(await deliver(outgoing(card(), to))).toMatchObject({ ok: false, retry: false })
  expect(smtp.taken).toEqual([])
})

test('a long summary is cut in the subject and whole in the body', async () => {
  const summary = `INC-001 ${'ä'.repeat(300)}`
  await deliver(outgoing(card({ summary })))
  const words = /Subject: ([\s\S]*?)\r\n\S+:/.exec(smtp.taken[0]!.headers)![1]!
  const subject = words
    .replaceAll(/\?= =\?UTF-8\?[QB]\?/gi, '')
    .replace(/^=\?UTF-8\?([QB])\?([\s\S]*)\?=$/i, (_, kind: string, text: string) =>
      kind.toUpperCase() === 'B'
        ? Buffer.from(text, 'base64').toString()
        : Buffer.from(
            text
              .replaceAll('_', ' ')
              .replaceAll(/=([0-9A-F]{2})/g, (__, hex: string) =>
                String.fromCharCode(Number.parseInt(hex, 16)),
              ),
            'latin1',
          ).toString(),
    )
  expect(subject.length).toBeLessThanOrEqual(150)
  expect(subject).toMatch(/^INC-001 ä+… \(shortened\)$/)
  expect(smtp.taken[0]!.text).toContain('ä'.repeat(300))
})

test('every kind of block is words in both forms, buttons are left out', async () => {
  await deliver(
    outgoing(
      card({
        blocks: [
          { type: 'heading', text: 'Heading' },
          { type: 'facts', facts: [{ name: 'Status', value: 'OPEN' }] },
          { type: 'lines', lines: ['one', [{ type: 'strong', text: 'two' }]] },
          { type: 'code', text: 'a < b' },
          { type: 'divider' },
          { type: 'context', text: [{ type: 'time', at: '2026-01-05T14:02:00Z', style: 'clock' }] },
          { type: 'text', text: ['see ', { type: 'link', url: 'javascript:alert(1)', text: 'this' }] },
          { type: 'buttons', buttons: [{ text: 'Press', action: { type: 'share', answer: 'x' } }] },
        ],
        buttons: [{ text: 'Resolve', action: { type: 'share', answer: 'x' } }],
      }),
    ),
  )
  const { html, text } = smtp.taken[0]!
  for (const words of ['Heading', 'Status', 'OPEN', 'one', 'two', '14:02 UTC']) {
    expect(html).toContain(words)
    expect(text).toContain(words)
  }
  expect(html).toContain('a &lt; b')
  expect(html).not.toContain('javascript:')
  for (const form of [html, text]) expect(form).not.toMatch(/Press|Resolve/)
})

test('an update has nothing to change: it is done without a mail', async () => {
  const message = { channel: 'ida@example.com', message: '<x>' }
  const content: Content = { type: 'update', message, card: { summary: 's', blocks: [] } }
  expect(await deliver(outgoing(content))).toEqual({ ok: true, receipt: message })
  expect(smtp.taken).toEqual([])
})

test('a recipient refused for good is not tried again; one refused for now is', async () => {
  smtp.control.recipient = () => ({ code: 550, text: 'no such user' })
  expect(await deliver(outgoing(card()))).toEqual({
    ok: false,
    retry: false,
    reason: 'The mail server answered 550 to RCPT TO',
  })
  smtp.control.recipient = () => ({ code: 451, text: 'greylisted' })
  expect(await deliver(outgoing(card()))).toEqual({
    ok: false,
    retry: true,
    reason: 'The mail server answered 451 to RCPT TO',
  })
})

test('a message refused after its data counts the same way', async () => {
  smtp.control.message = () => ({ code: 554, text: 'spam' })
  expect(await deliver(outgoing(card()))).toMatchObject({ ok: false, retry: false })
  smtp.control.message = () => ({ code: 452, text: 'full' })
  const full = await deliver(outgoing(card()))
  expect(full).toMatchObject({ ok: false, retry: true })
  expect(full).not.toHaveProperty('uncertain')
})

test('a server that is away certainly took nothing', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  const away = createEmail({ url: `smtp://127.0.0.1:${port}`, from: 'tocsin@example.com' })
  const result = await deliver(outgoing(card()), away)
  away.close()
  expect(result).toMatchObject({ ok: false, retry: true, reason: expect.stringContaining('ECONNREFUSED') })
  expect(result).not.toHaveProperty('uncertain')
})

test('a server that breaks off leaves open whether it arrived', async () => {
  const server = createServer((socket) => {
    socket.write('220 hello\r\n')
    socket.on('error', () => undefined)
    socket.on('data', (data) => {
      const words = data.toString()
      if (words.startsWith('EHLO')) socket.write('250 hello\r\n')
      else if (words.startsWith('DATA')) socket.write('354 go on\r\n')
      else if (/^(MAIL|RCPT)/.test(words)) socket.write('250 ok\r\n')
      else socket.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const broken = createEmail({ url: `smtp://127.0.0.1:${port}`, from: 'tocsin@example.com' })
  expect(await deliver(outgoing(card()), broken)).toMatchObject({ ok: false, retry: true, uncertain: true })
  broken.close()
  await new Promise((resolve) => server.close(resolve))
})

test('a server that hangs is left when the signal says so', async () => {
  smtp.control.hang = true
  const result = await deliver(outgoing(card()), email, AbortSignal.timeout(200))
  expect(result).toMatchObject({ ok: false, retry: true, uncertain: true })
})
