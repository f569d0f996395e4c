import type { Carrier, CarrierRef, DeliveryResult, Outgoing } from '../../ports/platform.ts'

/**
 * One try, which ends after `timeoutMs` or when `stopping` aborts, whether or not the adapter minds its signal.
 * An error or silence leaves open whether it arrived.
 */
export async function send(
  platform: Carrier,
  workspace: CarrierRef,
  outgoing: Outgoing,
  timeoutMs: number,
  stopping: AbortSignal,
): Promise<DeliveryResult> {
  const attempt = new AbortController()
  const { promise: cut, resolve } = Promise.withResolvers<DeliveryResult>()
  const end = (reason: string) => {
    resolve({ ok: false, retry: true, reason, uncertain: true })
    attempt.abort(new Error(reason))
  }
  const stop = () => end('stopped while sending')
  const timer = setTimeout(() => end(`no answer from ${platform.name} within ${timeoutMs} ms`), timeoutMs)
  stopping.addEventListener('abort', stop)
  try {
    if (stopping.aborted) return { ok: false, retry: true, reason: 'stopped before sending' }
    return await Promise.race([platform.deliver(workspace, outgoing, attempt.signal), cut])
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { ok: false, retry: true, reason, uncertain: true }
  } finally {
    clearTimeout(timer)
    stopping.removeEventListener('abort', stop)
  }
}
