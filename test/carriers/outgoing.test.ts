import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { createOutgoing, type LookUp, type Outgoing } from '../../src/outgoing.ts'
import { networkGuard } from '../../src/private-networks.ts'

const open: (Outgoing | { close(): unknown })[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()))
})

const outgoing = (allowedNetworks: string[] = [], lookUp?: LookUp): Outgoing => {
  const made = createOutgoing({ allowedNetworks, lookUp })
  open.push(made)
  return made
}

async function serve(listener: RequestListener): Promise<{ server: Server; port: number; seen: string[] }> {
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`)
    listener(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push({
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  })
  return { server, port: (server.address() as AddressInfo).port, seen }
}

const answering =
  (...addresses: string[]): LookUp =>
  (_host, _options, done) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )

const loopback = ['127.0.0.0/8', '::1/128']

describe('a configured address', () => {
  test('is reached where its network is allowed, body and headers whole', async () => {
    const { port } = await serve((request, response) => {
      let body = ''
      request.on('data', (chunk) => (body += chunk))
      request.on('end', () => response.writeHead(201, { 'x-seen': body }).end('done'))
    })
    const { send } = outgoing(loopback)
    const answer = await send(`http://127.0.0.1:${port}/x`, { method: 'POST', body: 'hello' })
    expect(answer).toMatchObject({ ok: true, status: 201, body: 'done', truncated: false })
    expect(answer.ok && answer.headers['x-seen']).toBe('hello')
  })

  test('is never followed to where it redirects', async () => {
    const hidden = await serve((_request, response) => response.end('secret'))
    const front = await serve((_request, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${hidden.port}/` }).end(),
    )
    const answer = await outgoing(loopback).send(`http://127.0.0.1:${front.port}/`)
    expect(answer).toMatchObject({ ok: true, status: 302 })
    expect(hidden.seen).toEqual([])
  })

  test('whose name resolves to a private address is refused, also where only one of several does', async () => {
    const { port, seen } = await serve((_request, response) => response.end())
    for (const addresses of [['127.0.0.1'], ['93.184.215.14', '127.0.0.1'], ['::ffff:10.0.0.1'], []]) {
      const { send } = outgoing([], answering(...addresses))
      expect(await send(`http://public.example:${port}/`)).toMatchObject({ ok: false, refused: true })
    }
    expect(seen).toEqual([])
  })

  test('whose name resolves to something else the second time is looked at again', async () => {
    const { port, seen } = await serve((_request, response) =>
      response.writeHead(200, { connection: 'close' }).end(),
    )
    let calls = 0
    // The allowed address first, then one that is not: what a rebinding attack does.
    const { send } = outgoing(['127.0.0.1/32'], (host, options, done) =>
      answering(++calls === 1 ? '127.0.0.1' : '127.0.0.2')(host, options, done),
    )
    expect(await send(`http://rebinding.example:${port}/`)).toMatchObject({ ok: true, status: 200 })
    expect(await send(`http://rebinding.example:${port}/`)).toMatchObject({ ok: false, refused: true })
    expect(seen).toHaveLength(1)
  })

  test('localhost, by the system’s own answer, is refused', async () => {
    const { port, seen } = await serve((_request, response) => response.end())
    expect(await outgoing().send(`http://localhost:${port}/`)).toMatchObject({ ok: false, refused: true })
    expect(seen).toEqual([])
  })

  test('of another scheme is refused', async () => {
    for (const url of ['ftp://example.com/', 'file:///etc/passwd', 'data:,x', 'unix:/x', 'nonsense', '']) {
      expect(await outgoing().send(url)).toMatchObject({ ok: false, refused: true })
    }
  })

  test('that hangs is given up, and nobody knows whether it arrived', async () => {
    const { port } = await serve(() => undefined)
    const answer = await outgoing(loopback).send(`http://127.0.0.1:${port}/`, { timeoutMs: 100 })
    expect(answer).toMatchObject({ ok: false, refused: false, uncertain: true })
  })

  test('where nobody listens certainly took nothing, and its path is not in the reason', async () => {
    const { server, port } = await serve(() => undefined)
    await new Promise((resolve) => server.close(resolve))
    const answer = await outgoing(loopback).send(`http://127.0.0.1:${port}/token-in-path?key=abc`)
    expect(answer).toMatchObject({ ok: false, refused: false, uncertain: false })
    expect(JSON.stringify(answer)).not.toMatch(/token-in-path|abc/)
  })

  test('that answers endlessly is read up to the bound', async () => {
    const { port } = await serve((_request, response) => {
      const write = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
        if (!response.destroyed) response.once('drain', write)
      }
      write()
    })
    const answer = await outgoing(loopback).send(`http://127.0.0.1:${port}/`, { maxBytes: 1_000 })
    expect(answer).toMatchObject({ ok: true, truncated: true, body: 'x'.repeat(1_000) })
  })

  test('is stopped by the caller’s signal', async () => {
    const { port } = await serve(() => undefined)
    const answer = await outgoing(loopback).send(`http://127.0.0.1:${port}/`, {
      signal: AbortSignal.timeout(50),
    })
    expect(answer).toMatchObject({ ok: false, uncertain: true })
  })
})

describe('every spelling of a refused address is refused', () => {
  const { send } = createOutgoing({ allowedNetworks: [] })

  test.each([
    'http://127.0.0.1/',
    'http://0x7f.1/',
    'http://2130706433/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://0/',
    'http://0.0.0.0/',
    'http://[::]/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[::127.0.0.1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[64:ff9b::169.254.169.254]/',
    'http://[64:ff9b:1::10.0.0.1]/',
    'http://[2002:7f00:1::]/',
    'http://[2002:a9fe:a9fe::1]/',
    'http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/',
    'http://169.254.169.254/latest/meta-data/',
    'http://168.63.129.16/',
    'http://100.100.100.200/',
    'http://[fd00:ec2::254]/',
    'http://[fe80::1]/',
    'http://[fec0::1]/',
    'http://[ff02::1]/',
    'http://10.1.2.3/',
    'http://172.16.0.1/',
    'http://172.31.255.255/',
    'http://192.168.0.1/',
    'http://192.0.0.192/',
    'http://198.18.0.1/',
    'http://100.64.0.1/',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
    'http://①②⑦.⓪.⓪.①/',
    'http://127。0。0。1/',
    'http://user@127.0.0.1/',
    'http://127.0.0.1./',
  ])('%s', async (url) => {
    expect(await send(url, { timeoutMs: 500 })).toMatchObject({ ok: false, refused: true })
  })

  /** Each octet in a base, several octets in one number, as inet_aton reads them. */
  const spelling = (bytes: number[], bases: number[], parts: number): string => {
    const written = (value: number, base: number) =>
      base === 16 ? `0x${value.toString(16)}` : base === 8 ? `0${value.toString(8)}` : String(value)
    const head = bytes.slice(0, parts - 1)
    const tail = bytes.slice(parts - 1).reduce((sum, byte) => sum * 256 + byte, 0)
    return [...head, tail].map((value, index) => written(value, bases[index]!)).join('.')
  }
  const octet = fc.integer({ min: 0, max: 255 })
  const privateV4 = fc.oneof(
    fc.tuple(fc.constant(127), octet, octet, octet),
    fc.tuple(fc.constant(10), octet, octet, octet),
    fc.tuple(fc.constant(0), octet, octet, octet),
    fc.tuple(fc.constant(169), fc.constant(254), octet, octet),
    fc.tuple(fc.constant(192), fc.constant(168), octet, octet),
    fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), octet, octet),
    fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), octet, octet),
    fc.tuple(fc.integer({ min: 224, max: 255 }), octet, octet, octet),
  )

  test('of a private IPv4 address, in any base and number of parts', async () => {
    await fc.assert(
      fc.asyncProperty(
        privateV4,
        fc.array(fc.constantFrom(8, 10, 16), { minLength: 4, maxLength: 4 }),
        fc.integer({ min: 1, max: 4 }),
        async (bytes, bases, parts) => {
          const answer = await send(`http://${spelling(bytes, bases, parts)}/`, { timeoutMs: 500 })
          expect(answer).toMatchObject({ ok: false, refused: true })
        },
      ),
      { numRuns: 300 },
    )
  })

  test('of a private IPv4 address inside an IPv6 one', async () => {
    const hex = (bytes: number[]) =>
      [0, 2].map((at) => (bytes[at]! * 256 + bytes[at + 1]!).toString(16)).join(':')
    await fc.assert(
      fc.asyncProperty(
        privateV4,
        fc.constantFrom('::ffff:', '::', '64:ff9b::', '64:ff9b:1::', '::ffff:0:', '2002:'),
        async (bytes, prefix) => {
          const host = prefix === '2002:' ? `2002:${hex(bytes)}::1` : `${prefix}${hex(bytes)}`
          const answer = await send(`http://[${host}]/`, { timeoutMs: 500 })
          expect(answer).toMatchObject({ ok: false, refused: true })
        },
      ),
      { numRuns: 300 },
    )
  })

  test('public addresses are not, also through a NAT64', () => {
    const mayReach = networkGuard([])
    for (const address of ['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c', '64:ff9b::5db8:d70e']) {
      expect(mayReach(address)).toBe(true)
    }
  })

  test('an allowed network opens itself and nothing beside it', () => {
    const mayReach = networkGuard(['10.1.0.0/16', 'fd00:1::/32'])
    expect(mayReach('10.1.2.3')).toBe(true)
    expect(mayReach('::ffff:10.1.2.3')).toBe(true)
    expect(mayReach('fd00:1::5')).toBe(true)
    for (const address of ['10.2.0.1', '127.0.0.1', 'fd00:2::5', 'not-an-address', '']) {
      expect(mayReach(address)).toBe(false)
    }
  })
})
