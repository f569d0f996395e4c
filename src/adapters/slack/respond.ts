import type { DeliveryResult } from '../../ports/platform.ts'

const timeoutMs = 8000

/** The addresses that commands and clicks bring: on Slack's own host, or where the Web API was said to be. */
export const usableResponseUrl = (url: string, apiUrl: string | undefined): boolean => {
  const address = URL.parse(url)
  if (!address || address.username || address.password) return false
  if (address.protocol === 'https:' && address.host === 'hooks.slack.com') return true
  const api = apiUrl ? URL.parse(apiUrl) : null
  return api !== null && address.protocol === api.protocol && address.host === api.host
}

/** `code` is Slack's own name for the fault. */
type Responded = DeliveryResult & { code?: string }

const permanently = (status: number, said: string): Responded => {
  const error = /[a-z]+(?:_[a-z]+)+/.exec(said.slice(0, 500))?.[0] ?? ''
  const reason = `Slack's response address refused (${[status, error].filter(Boolean).join(', ')})`
  // Good for 30 minutes and five uses; afterwards 404, its body expired_url or used_url.
  const gone = status === 404 || status === 410 || status === 403 || error.endsWith('_url')
  return { ok: false, retry: false, reason, code: error, ...(gone && { gone: 'response' as const }) }
}

/** Answers one command or click, for its sender alone. The address itself is a secret: it is in no reason. */
export const respond = async (
  url: string,
  message: Record<string, unknown>,
  signal?: AbortSignal,
): Promise<Responded> => {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, ...message }),
      redirect: 'error',
      signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]),
    })
    const said = await response.text()
    if (response.status === 429) {
      const after = Number.parseInt(response.headers.get('retry-after') ?? '', 10)
      const afterMs = Number.isNaN(after) ? 1000 : after * 1000
      return { ok: false, retry: true, reason: 'Slack is slowing us down', afterMs, throttled: true }
    }
    if (response.status >= 500)
      return { ok: false, retry: true, reason: `Slack answered ${response.status}`, uncertain: true }
    if (!response.ok || /"ok"\s*:\s*false/.test(said)) return permanently(response.status, said)
    return { ok: true }
  } catch {
    return {
      ok: false,
      retry: true,
      reason: "Slack's response address could not be reached",
      uncertain: true,
    }
  }
}
