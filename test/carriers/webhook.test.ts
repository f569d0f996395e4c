import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createWebhookCarrier } from '../../src/adapters/webhook/webhook.ts'
import { createOutgoing, type Outgoing as Requests } from '../../src/outgoing.ts'
import type { Content, Outgoing } from '../../src/ports/platform.ts'

type Taken = { headers: Record<string, string>; body: string; path: string }
const taken: Taken[] = []
let answer: { status: number; headers?: Record<string, string> } = { status: 204 }
let server: Server
let url: string
let requests: Requests

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      taken.push({ headers: request.headers as Record<string, string>, body, path: request.url! })
      response.writeHead(answer.status, answer.headers).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  requests = createOutgoing({ allowedNetworks: ['127.0.0.0/8'] })
})
afterAll(async () => {
  await requests.close()
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  taken.length = 0
  answer = { status: 204 }
})

const workspace = { orgId: 'org', id: 'w', platform: 'webhook', externalId: 'org' } as const
const event: Content = {
  type: 'event',
  name: 'incident.resolved',
  at: '2026-01-05T14:02:00.000Z',
  data: { key: 'INC-001', title: 'Grüße' },
}
const outgoing = (content: Content = event): Outgoing => ({
  id: '0190a1b2-0000-7000-8000-000000000001',
  route: { type: 'channel', channel: 'hook-id' },
  content,
  uncertain: false,
  mentions: {},
})
const deliver = (secret: string, content: Content = event, send = requests.send, address = url) =>
  createWebhookCarrier({ lookUp: async () => ({ url: address, secret }), send }).deliver(
    workspace,
    outgoing(content),
    new AbortController().signal,
  )

const key = Buffer.from('0123456789abcdef0123456789abcdef')

test.each([
  ['whsec_ and base64', `whsec_${key.toString('base64')}`, key.toString('base64')],
  ['any other text', 'a plain secret', Buffer.from('a plain secret').toString('base64')],
  ['what only begins like one', 'whsec_1', Buffer.from('whsec_1').toString('base64')],
])('an event is signed so that a receiver’s own library accepts it: %s', async (_, secret, receivers) => {
  expect(await deliver(secret)).toEqual({
    ok: true,
    receipt: { channel: 'hook-id', message: '0190a1b2-0000-7000-8000-000000000001' },
  })
  const { headers, body, path } = taken[0]!
  expect(path).toBe('/hook')
  expect(new Webhook(receivers).verify(body, headers)).toEqual({
    type: 'incident.resolved',
    timestamp: '2026-01-05T14:02:00.000Z',
    data: { key: 'INC-001', title: 'Grüße' },
  })
  expect(headers['webhook-id']).toBe('0190a1b2-0000-7000-8000-000000000001')
  expect(headers['content-type']).toBe('application/json')
  expect(() => new Webhook(receivers).verify(`${body} `, headers)).toThrow('No matching signature')
  expect(() => new Webhook(Buffer.from('x').toString('base64')).verify(body, headers)).toThrow()
})

test('a notice arrives as its words, without buttons', async () => {
  await deliver('s', {
    type: 'card',
    card: {
      summary: 'INC-001 resolved by Ida',
      blocks: [{ type: 'text', text: 'Status: RESOLVED' }],
      buttons: [{ text: 'Reopen', action: { type: 'share', answer: 'x' } }],
    },
  })
  expect(JSON.parse(taken[0]!.body)).toMatchObject({
    type: 'notice',
    data: { summary: 'INC-001 resolved by Ida', text: 'INC-001 resolved by Ida\nStatus: RESOLVED' },
  })
})

test.each([200, 201, 202, 204])('%i is taken', async (status) => {
  answer = { status }
  expect(await deliver('s')).toMatchObject({ ok: true })
})

test.each([400, 401, 403, 404, 410, 422, 301, 302, 307])('%i is for good', async (status) => {
  answer = { status, headers: { location: '/elsewhere' } }
  expect(await deliver('s')).toMatchObject({ ok: false, retry: false })
  expect(taken).toHaveLength(1)
})

test.each([408, 409, 425, 429, 500, 502, 503, 504])('%i passes', async (status) => {
  answer = { status }
  expect(await deliver('s')).toMatchObject({ ok: false, retry: true })
})

test('Retry-After is kept, in seconds or as a date, up to an hour', async () => {
  answer = { status: 503, headers: { 'retry-after': '30' } }
  expect(await deliver('s')).toMatchObject({ afterMs: 30_000 })
  answer.headers = { 'retry-after': new Date(Date.now() + 60_000).toUTCString() }
  const { afterMs } = (await deliver('s')) as { afterMs: number }
  expect(afterMs).toBeGreaterThan(55_000)
  expect(afterMs).toBeLessThanOrEqual(60_000)
  answer.headers = { 'retry-after': '999999999' }
  expect(await deliver('s')).toMatchObject({ afterMs: 3_600_000 })
  answer.headers = { 'retry-after': 'soon' }
  expect(await deliver('s')).not.toHaveProperty('afterMs')
})

test('a private network that nobody allowed is refused for good, and nothing arrives', async () => {
  const guarded = createOutgoing({ allowedNetworks: [] })
  const result = await deliver('s', event, guarded.send)
  await guarded.close()
  expect(result).toMatchObject({
    ok: false,
    retry: false,
    reason: expect.stringContaining('ALLOWED_NETWORKS'),
  })
  expect(taken).toEqual([])
})

test('a webhook that was removed meanwhile is for good', async () => {
  const carrier = createWebhookCarrier({ lookUp: async () => undefined, send: requests.send })
  expect(await carrier.deliver(workspace, outgoing(), new AbortController().signal)).toMatchObject({
    ok: false,
    retry: false,
  })
})

test('neither the secret nor the path is in what goes wrong', async () => {
  answer = { status: 500 }
  const words = JSON.stringify(await deliver('very-secret'))
  expect(words).not.toMatch(/very-secret|\/hook/)
})
