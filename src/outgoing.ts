/**
 * Requests to addresses that people configured. They never reach this machine, a private network or a cloud's
 * metadata, by whichever spelling, name or answer of DNS, unless an administrator allowed that network.
 */
import { type LookupAddress, lookup as systemLookup } from 'node:dns'
import { isIP } from 'node:net'
import { Agent, request } from 'undici'
import { networkGuard } from './private-networks.ts'

export type OutgoingRequest = {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD'
  headers?: Record<string, string>
  body?: string
  signal?: AbortSignal
  /** For the whole exchange; 10 s unless said. */
  timeoutMs?: number
  /** Of the answer's body; what is beyond is not read. 64 KiB unless said. */
  maxBytes?: number
}

export type OutgoingAnswer =
  | { ok: true; status: number; headers: Record<string, string>; body: string; truncated: boolean }
  /** `refused`: the address may not be reached, today or later. `uncertain`: it may have arrived. */
  | { ok: false; refused: boolean; uncertain: boolean; reason: string }

/** Redirects are answers like any other: never followed. */
export type SendOutgoing = (url: string, options?: OutgoingRequest) => Promise<OutgoingAnswer>

export type Outgoing = { send: SendOutgoing; close(): Promise<void> }

/** As `dns.lookup` with `all`. */
export type LookUp = (
  host: string,
  options: { all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

const refusedCode = 'TOCSIN_REFUSED_ADDRESS'

/**
 * @param options.allowedNetworks CIDR; private ones that may be reached.
 * @param options.lookUp the resolver; the system's unless said.
 */
export function createOutgoing(options: { allowedNetworks: string[]; lookUp?: LookUp }): Outgoing {
  const mayReach = networkGuard(options.allowedNetworks)
  const lookUp: LookUp = options.lookUp ?? systemLookup
  const agent = new Agent({
    connections: 16,
    // undici asks for every new connection, so an answer that changes between two of them is looked at again.
    connect: {
      timeout: 5_000,
      lookup: (host, asked, done) => {
        lookUp(host, { ...asked, all: true }, (error, addresses) => {
          if (error) return done(error, [])
          const bad = addresses.find(({ address }) => !mayReach(address))
          if (bad || !addresses.length) {
            return done(Object.assign(new Error(refusal(host)), { code: refusedCode }), [])
          }
          if (asked.all) return done(null, addresses)
          done(null, addresses[0]!.address, addresses[0]!.family)
        })
      },
    },
  })

  const send: SendOutgoing = async (address, asked = {}) => {
    const url = URL.canParse(address) ? new URL(address) : undefined
    if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
      return refused('the address is not an http or https address')
    }
    // An address of numbers, however it was spelt, is in its plain form now, and no lookup follows.
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
    if (isIP(host) && !mayReach(host)) return refused(refusal(host))
    const { timeoutMs = 10_000, maxBytes = 65_536 } = asked
    const signals = [AbortSignal.timeout(timeoutMs), ...(asked.signal ? [asked.signal] : [])]
    try {
      const answer = await request(withoutUser(url), {
        dispatcher: agent,
        method: asked.method ?? 'GET',
        headers: { 'user-agent': 'Tocsin', ...credentials(url), ...asked.headers },
        body: asked.body,
        signal: AbortSignal.any(signals),
      })
      const { body, truncated } = await readUpTo(answer.body, maxBytes)
      return { ok: true, status: answer.statusCode, headers: flat(answer.headers), body, truncated }
    } catch (error) {
      return failure(error, url.hostname, timeoutMs)
    }
  }
  return { send, close: () => agent.destroy() }
}

const refusal = (host: string): string =>
  `${host} is in a private or reserved network; ALLOWED_NETWORKS can name it`

const refused = (reason: string): OutgoingAnswer => ({ ok: false, refused: true, uncertain: false, reason })

/** Before the request went out, nothing can have been taken. */
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

/** Names the host alone: paths and parameters may hold what only the receiver should know. */
function failure(error: unknown, host: string, timeoutMs: number): OutgoingAnswer {
  const { code, name } = error as { code?: unknown; name?: string }
  if (code === refusedCode) return refused((error as Error).message)
  if (name === 'TimeoutError') {
    return {
      ok: false,
      refused: false,
      uncertain: true,
      reason: `${host} did not answer within ${timeoutMs} ms`,
    }
  }
  if (name === 'AbortError') {
    return { ok: false, refused: false, uncertain: true, reason: `the request to ${host} was stopped` }
  }
  const known = typeof code === 'string' ? code : undefined
  return {
    ok: false,
    refused: false,
    uncertain: !neverSent.has(known ?? ''),
    reason: `${host} could not be reached${known ? ` (${known})` : ''}`,
  }
}

/** What is beyond the bound is not waited for: the connection ends. */
async function readUpTo(
  stream: AsyncIterable<Buffer> & { destroy(): unknown },
  most: number,
): Promise<{ body: string; truncated: boolean }> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stream) {
    chunks.push(chunk.subarray(0, most - length))
    length += chunk.length
    if (length > most) break
  }
  return { body: Buffer.concat(chunks).toString('utf8'), truncated: length > most }
}

const flat = (headers: Record<string, string | string[] | undefined>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]],
    ),
  )

function credentials(url: URL): Record<string, string> {
  if (!url.username && !url.password) return {}
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

function withoutUser(url: URL): URL {
  const bare = new URL(url)
  bare.username = ''
  bare.password = ''
  return bare
}
