import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { be, card, type OpenConsole, openConsole, post, toChannel } from './support.ts'

let open: OpenConsole
beforeAll(async () => {
  open = await openConsole()
})
afterAll(() => open.close())

/** `fetch` writes Host and Origin by itself. */
const ask = (path: string, headers: Record<string, string>, method = 'GET') =>
  new Promise<{ status: number; body: string }>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: open.port, path, method, headers }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
      )
    })
    sent.on('error', reject)
    sent.end(method === 'POST' ? '{"user":"ida"}' : undefined)
  })

describe('who may speak to the console', () => {
  test.each([
    ['another name', 'tocsin.evil.example'],
    ['another name with our port', 'evil.example:PORT'],
    ['our name with another port', '127.0.0.1:1'],
    ['our name without the port', 'localhost'],
    ['a name that begins like ours', '127.0.0.1.evil.example:PORT'],
    ['another address of this machine', '127.0.0.2:PORT'],
  ])('a request under %s gets 403', async (_what, host) => {
    const headers = { Host: host.replace('PORT', String(open.port)), 'Content-Type': 'application/json' }
    for (const path of ['/', '/console/state', '/console/console.js', '/console/events?page=p'])
      expect((await ask(path, headers)).status).toBe(403)
    expect((await ask('/console/session', headers, 'POST')).status).toBe(403)
  })

  test.each(['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]'])('%s is our own name', async (name) => {
    expect((await ask('/console/state', { Host: `${name}:${open.port}` })).status).toBe(200)
  })

  test.each([
    'http://evil.example',
    'null',
    'https://127.0.0.1:PORT',
    'http://127.0.0.1:1',
    'http://localhost',
    'http://127.0.0.1:PORT.evil.example',
  ])('a request from the origin %s gets 403', async (origin) => {
    const Origin = origin.replace('PORT', String(open.port))
    const headers = { Host: `127.0.0.1:${open.port}`, Origin, 'Content-Type': 'application/json' }
    const refused = await ask('/console/session', headers, 'POST')
    expect(refused.status).toBe(403)
    expect(refused.body.length).toBeLessThan(200)
  })

  test("another page of this machine cannot read the console's state", async () => {
    const Host = `127.0.0.1:${open.port}`
    expect((await ask('/console/state', { Host, 'Sec-Fetch-Site': 'same-site' })).status).toBe(403)
    expect((await ask('/', { Host, 'Sec-Fetch-Site': 'cross-site' })).status).toBe(200)
  })

  test('nothing allows other origins, and scripts come from here alone', async () => {
    const page = await fetch(`${open.url}/`)
    expect(page.headers.get('access-control-allow-origin')).toBeNull()
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'")
    expect(page.headers.get('content-security-policy')).not.toContain('unsafe')
    expect((await fetch(`${open.url}/console/adaptivecards.js`)).status).toBe(200)
    expect((await fetch(`${open.url}/console/../store.ts`)).status).toBe(404)
    expect((await fetch(`${open.url}/console/%2e%2e/store.ts`)).status).toBeGreaterThanOrEqual(400)
  })
})

describe('who one is', () => {
  test('nothing is done and no message read before one has chosen', async () => {
    const state = (await (await fetch(`${open.url}/console/state`)).json()) as Record<string, unknown>
    expect(state).toMatchObject({ me: null })
    expect(state).not.toHaveProperty('messages')
    const message = { eventId: crypto.randomUUID(), channel: 'general', text: 'hello', page: 'p' }
    expect((await post(open.url, '/console/message', message)).status).toBe(401)
    expect((await fetch(`${open.url}/console/events?page=p`)).status).toBe(401)
  })

  test('comes from the session and from no field of the body', async () => {
    const finn = await be(open.url, 'finn')
    expect(await finn.say('general', 'I am Ida', { user: 'ida' })).toMatchObject({ status: 400 })
    expect(await finn.say('general', '@Tocsin who am I?')).toMatchObject({ status: 202 })
    const arrival = open.record.arrivals.at(-1)!
    expect(arrival.sender).toBe('finn')
    expect(JSON.parse(arrival.payload)).toMatchObject({ user: 'finn' })
  })

  test('the session cookie is kept from scripts and from other sites', async () => {
    const { headers } = await post(open.url, '/console/session', { user: 'ida' })
    const cookie = headers.get('set-cookie')
    expect(cookie).toContain('HttpOnly')
    expect(cookie).toContain('SameSite=Strict')
  })

  test("another's private message and conversation can be neither read nor pressed nor answered", async () => {
    const finn = await be(open.url, 'finn')
    const id = crypto.randomUUID()
    await open.deliver({
      id,
      route: { type: 'ephemeral', channel: 'general', user: 'ida' },
      content: { type: 'card', card: card('costs') },
    })
    await open.deliver({
      route: { type: 'person', user: 'ida' },
      content: { type: 'card', card: card('page') },
    })
    const action = { type: 'perform', operation: 'acknowledge', input: {} }
    expect((await finn.get('/console/state?channel=direct:ida')).status).toBe(404)
    expect(await finn.send('/console/action', { message: id, action, page: 'p' })).toMatchObject({
      status: 404,
    })
    expect(await finn.say('general', 'hm', { thread: id })).toMatchObject({ status: 404 })
    expect(await finn.say('direct:ida', 'hm')).toMatchObject({ status: 404 })
    expect(await finn.messages('general')).not.toContainEqual(expect.objectContaining({ id }))
  })

  test('choosing somebody else ends what the page heard before', async () => {
    const ida = await be(open.url, 'ida')
    const page = await ida.listen()
    await post(open.url, '/console/session', { user: 'finn' }, { Cookie: ida.Cookie })
    await expect.poll(() => page.heard.at(-1)?.event).toBe('switched')
    await open.deliver({ route: toChannel('general'), content: { type: 'card', card: card('later') } })
    await page.stop()
    expect(page.messages()).toEqual([])
  })
})
