import { type CryptoKey, importJWK } from 'jose'
import { z } from 'zod'
import type { Logger } from '../../log.ts'

/** learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication, step 3. */
export const publicOpenidUrl = 'https://login.botframework.com/v1/.well-known/openidconfiguration'
export const publicIssuer = 'https://api.botframework.com'

export type SigningKey = { key: CryptoKey | Uint8Array; endorsements: string[] }

export type Keys = {
  /** The key of this name; undefined: Microsoft publishes none. @throws when its word could not be fetched at all. */
  find(kid: string): Promise<SigningKey | undefined>
  /** Who may sign. Known once a key has been looked for. */
  issuers(): string[]
}

/** Microsoft: keys are fetched anew once a day. Whoever names an unknown one may cause a fetch once a minute. */
const freshMs = 24 * 3_600_000
const unknownMs = 60_000
const fetchMs = 3_000
const maxBytes = 1_000_000

const metadataShape = z.object({ issuer: z.string().min(1).max(500), jwks_uri: z.url() })
const keysShape = z.object({
  keys: z
    .array(
      z.looseObject({
        kty: z.string(),
        kid: z.string().optional(),
        endorsements: z.array(z.string()).optional(),
      }),
    )
    .max(500),
})

const fetchJson = async (url: string): Promise<unknown> => {
  const response = await fetch(url, { signal: AbortSignal.timeout(fetchMs), redirect: 'error' })
  if (!response.ok) throw new Error(`${new URL(url).host} answered ${response.status}`)
  const text = await response.text()
  if (text.length > maxBytes) throw new Error(`${new URL(url).host} answered over 1 MB`)
  return JSON.parse(text)
}

type Loaded = { keys: Map<string, SigningKey>; issuers: string[]; at: number }

const load = async (openidUrl: string): Promise<Loaded> => {
  const metadata = metadataShape.parse(await fetchJson(openidUrl))
  const { keys } = keysShape.parse(await fetchJson(metadata.jwks_uri))
  const known = new Map<string, SigningKey>()
  for (const { endorsements = [], ...jwk } of keys) {
    // Only what RS256 is verified with; other kinds of keys would only be other ways in.
    if (jwk.kty !== 'RSA' || !jwk.kid) continue
    // One that is broken is none; the others still verify.
    const key = await importJWK(jwk, 'RS256').catch(() => undefined)
    if (key) known.set(jwk.kid, { key, endorsements })
  }
  return { keys: known, issuers: [publicIssuer, metadata.issuer], at: Date.now() }
}

/** Microsoft's signing keys, fetched when they are needed first, by everybody who needs them together. */
export const createKeys = (openidUrl: string, log: Logger): Keys => {
  let loaded: Loaded | undefined
  let loading: Promise<Loaded> | undefined
  let triedAt = Number.NEGATIVE_INFINITY
  let askedForUnknown = Number.NEGATIVE_INFINITY

  const refresh = (): Promise<Loaded> => {
    loading ??= load(openidUrl)
      .then((fresh) => {
        loaded = fresh
        return fresh
      })
      .finally(() => {
        triedAt = Date.now()
        loading = undefined
      })
    return loading
  }

  return {
    async find(kid) {
      if (!loaded) {
        // While Microsoft cannot be reached, one try a second: a burst must not become a burst of fetches.
        if (!loading && Date.now() - triedAt < 1000) throw new Error('the signing keys are not known yet')
        return (await refresh()).keys.get(kid)
      }
      const known = loaded.keys.get(kid)
      const due = known ? loaded.at + freshMs : askedForUnknown + unknownMs
      if (Date.now() < Math.max(due, known ? triedAt + unknownMs : 0) && !loading) return known
      if (!known && !loading) askedForUnknown = Date.now()
      const fresh = refresh().catch((error) => {
        log.warn({ err: error }, 'the signing keys of Microsoft could not be fetched anew')
        return loaded
      })
      // Keys that are a day old still verify; what is unknown waits for the answer.
      return known ?? (await fresh)?.keys.get(kid)
    },
    issuers: () => loaded?.issuers ?? [publicIssuer],
  }
}
