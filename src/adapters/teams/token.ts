import type { Fault } from './failure.ts'

export type TokenAnswer = { token: string | undefined } | { fault: Fault }

export type TokenOptions = {
  /** The authority without the tenant; http is the operator's own word (tests, national clouds). */
  loginUrl: string
  tenantId: string
  appId: string
  appPassword: string
}

const scope = 'https://api.botframework.com/.default'
/** Milliseconds. A try of the outbox ends after 10 s. */
const patience = 5_000
/** Renewed so long before it expires; of a token that lives shorter, after half of its life. */
const earlyMs = 5 * 60_000

/**
 * The bot's own token (client credentials; learn.microsoft.com/azure/bot-service/rest-api, authentication). However
 * many ask, it is fetched once, by no one caller's patience. Without an app id (TEAMS_AUTH=off) there is none.
 */
export const createToken = (options: TokenOptions) => {
  let held: { token: string; until: number } | undefined
  let fetching: Promise<TokenAnswer> | undefined

  const load = async (): Promise<TokenAnswer> => {
    const url = `${options.loginUrl}/${encodeURIComponent(options.tenantId)}/oauth2/v2.0/token`
    const form = {
      grant_type: 'client_credentials',
      client_id: options.appId,
      client_secret: options.appPassword,
      scope,
    }
    const started = Date.now()
    try {
      const response = await fetch(url, {
        method: 'POST',
        body: new URLSearchParams(form),
        redirect: 'error',
        signal: AbortSignal.timeout(patience),
      })
      const body = (await response.json().catch(() => ({}))) as Record<string, unknown>
      const { access_token: token, expires_in: seconds } = body
      if (response.ok && typeof token === 'string' && token) {
        const lives = Math.max(0, Number(seconds) || 0) * 1000
        held = { token, until: started + lives - Math.min(earlyMs, lives / 2) }
        return { token }
      }
      const retryAfter = response.headers.get('retry-after') ?? undefined
      const code = typeof body.error === 'string' ? body.error : undefined
      return { fault: { at: 'login', status: response.status, code, retryAfter } }
    } catch (error) {
      return { fault: { at: 'login', network: networkCode(error) } }
    }
  }

  return {
    get(): Promise<TokenAnswer> {
      if (!options.appId) return Promise.resolve({ token: undefined })
      if (held && held.until > Date.now()) return Promise.resolve({ token: held.token })
      fetching ??= load().finally(() => {
        fetching = undefined
      })
      return fetching
    },
    /** The service has refused this one: the next caller gets another. */
    drop(token: string): void {
      if (held?.token === token) held = undefined
    },
  }
}

/** The system's word for what broke, as far as it gives one. */
export const networkCode = (error: unknown): string => {
  const { cause, name } = error as { cause?: { code?: unknown }; name?: unknown }
  return typeof cause?.code === 'string' ? cause.code : name === 'TimeoutError' ? 'timeout' : 'broken off'
}
