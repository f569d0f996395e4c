/** Microsoft's word on who sends: an OpenID document, its keys, and tokens as the Bot Framework signs them. */
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'

export const publicIssuer = 'https://api.botframework.com'

export type TokenChange = {
  /** Claims that differ; one that is undefined is left out. */
  claims?: Record<string, unknown>
  /** Header fields that differ. */
  header?: Record<string, unknown>
  /** Seconds from now. */
  expires?: number
  notBefore?: number
  /** A key of one's own making, under the name of a known one unless the header says otherwise. */
  key?: CryptoKey | Uint8Array
  alg?: string
}

export type Issuer = Awaited<ReturnType<typeof createIssuer>>

export const createIssuer = async (appId: string) => {
  const pair = await generateKeyPair('RS256', { extractable: true })
  const unendorsed = await generateKeyPair('RS256', { extractable: true })
  const published: (JWK & { endorsements?: string[] })[] = [
    { ...(await exportJWK(pair.publicKey)), ...named('known'), endorsements: ['msteams', 'webchat'] },
    { ...(await exportJWK(unendorsed.publicKey)), ...named('unendorsed'), endorsements: ['webchat'] },
  ]

  const token = (serviceUrl: string, change: TokenChange = {}): Promise<string> => {
    const now = Math.floor(Date.now() / 1000)
    const claims = {
      iss: publicIssuer,
      aud: appId,
      serviceurl: serviceUrl,
      iat: now,
      nbf: now + (change.notBefore ?? -60),
      exp: now + (change.expires ?? 3600),
      ...change.claims,
    }
    return new SignJWT(claims)
      .setProtectedHeader({ alg: change.alg ?? 'RS256', kid: 'known', typ: 'JWT', ...change.header })
      .sign(change.key ?? pair.privateKey)
  }

  return {
    published,
    token,
    publicKey: pair.publicKey,
    unendorsedKey: unendorsed.privateKey,
    /** A new key, published from now on; the old ones stay. */
    async rotate(kid: string): Promise<CryptoKey> {
      const next = await generateKeyPair('RS256', { extractable: true })
      published.push({ ...(await exportJWK(next.publicKey)), ...named(kid), endorsements: ['msteams'] })
      return next.privateKey
    },
  }
}

const named = (kid: string) => ({ kid, x5t: kid, use: 'sig', alg: 'RS256' })
