/**
 * Who may speak to us as Microsoft Teams, decided before the vendor's packages see anything.
 * learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication, "Authenticate requests
 * from the Bot Connector service to your bot": issuer, audience, validity with five minutes of skew, signature by a
 * key that is endorsed for the channel, and the claim `serviceurl` equal to the activity's. Besides: RS256 alone, the
 * serviceUrl's host and the tenant on our own lists.
 */
import { decodeProtectedHeader, type JWTPayload, jwtVerify } from 'jose'
import type { TeamsConfig } from '../../config.ts'
import type { Logger } from '../../log.ts'
import type { TeamsActivity } from './activity.ts'
import type { Keys } from './keys.ts'

/** Says nothing about what was wrong: whoever guesses learns nothing. */
export type Refusal = { ok: false; status: 401 | 403 | 503; body: string }
export type Verified = { ok: true; claims?: JWTPayload }

export type Gate = {
  /** The token alone: before the body is read. */
  token(authorization: string | undefined, host: string | undefined): Promise<Verified | Refusal>
  /** What the token says against what the activity says. */
  activity(verified: Verified, activity: TeamsActivity): { ok: true } | Refusal
}

const skewSeconds = 300
const maxTokenLength = 8_000

const unauthorised: Refusal = { ok: false, status: 401, body: 'Not authorised.' }
const forbidden: Refusal = { ok: false, status: 403, body: 'Not allowed.' }
const unverifiable: Refusal = { ok: false, status: 503, body: 'This cannot be verified right now.' }

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i

/** Where the public cloud's connector lives: smba.trafficmanager.net for Teams, *.botframework.com for the rest. */
const isPublicHost = (host: string): boolean =>
  host === 'smba.trafficmanager.net' || host.endsWith('.botframework.com')

/** Whether an activity's serviceUrl is one that we would answer to. */
export const allowedService = (serviceUrl: string, config: TeamsConfig): boolean => {
  if (!URL.canParse(serviceUrl)) return false
  const { protocol, host, username, password } = new URL(serviceUrl)
  if (username || password) return false
  if (config.serviceHosts?.includes(host)) return protocol === 'https:' || protocol === 'http:'
  if (!config.auth && loopback.test(host)) return protocol === 'https:' || protocol === 'http:'
  return !config.serviceHosts && protocol === 'https:' && isPublicHost(host)
}

const sameTenant = ({ channelData, conversation }: TeamsActivity, tenantId: string): boolean => {
  const said = [channelData?.tenant?.id, conversation.tenantId].filter((each) => each != null)
  return said.length > 0 && said.every((each) => each.toLowerCase() === tenantId.toLowerCase())
}

export const createGate = (config: TeamsConfig, keys: Keys, log: Logger): Gate => {
  const refused = (why: string, refusal: Refusal): Refusal => {
    log.warn({ why }, 'An activity was refused')
    return refusal
  }

  const verify = async (token: string): Promise<Verified | Refusal> => {
    const header = decodeProtectedHeader(token)
    if (header.alg !== 'RS256' || typeof header.kid !== 'string') return refused('algorithm', unauthorised)
    let signing: Awaited<ReturnType<Keys['find']>>
    try {
      signing = await keys.find(header.kid)
    } catch (error) {
      log.warn({ err: error }, 'the signing keys of Microsoft could not be fetched')
      return unverifiable
    }
    if (!signing) return refused('unknown key', unauthorised)
    const { payload } = await jwtVerify(token, signing.key, {
      algorithms: ['RS256'],
      issuer: keys.issuers(),
      audience: config.appId,
      clockTolerance: skewSeconds,
      requiredClaims: ['exp', 'serviceurl'],
    })
    if (!signing.endorsements.includes('msteams')) return refused('endorsement', forbidden)
    return { ok: true, claims: payload }
  }

  return {
    async token(authorization, host) {
      // A page that a browser shows must not reach it under a name of its own.
      if (!config.auth) return loopback.test(host ?? '') ? { ok: true } : refused('host', forbidden)
      const [, token] = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? '') ?? []
      if (!token || token.length > maxTokenLength) return refused('no token', unauthorised)
      try {
        return await verify(token)
      } catch (error) {
        return refused((error as { code?: string }).code ?? 'token', unauthorised)
      }
    },
    activity({ claims }, activity) {
      if (!allowedService(activity.serviceUrl, config)) return refused('service host', forbidden)
      if (!config.auth) return { ok: true }
      if (claims?.serviceurl !== activity.serviceUrl) return refused('serviceurl claim', forbidden)
      if (activity.channelId !== 'msteams') return refused('channel', forbidden)
      if (!sameTenant(activity, config.tenantId)) return refused('tenant', forbidden)
      return { ok: true }
    },
  }
}
