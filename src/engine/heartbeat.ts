import type { Logger } from '../log.ts'

export type HeartbeatOptions = {
  /** The operator's own address: whoever watches from outside raises the alarm when it is not asked for any more. */
  url: string
  /** Why not all is well; undefined while it is. */
  trouble: () => Promise<string | undefined>
  log: Logger
  /** `withheld`: not all is well, so that the silence is heard outside. */
  onBeat?: (outcome: 'sent' | 'withheld' | 'failed') => void
  everyMs?: number
  timeoutMs?: number
}

export type Heartbeat = { start(): void; stop(): Promise<void> }

/** Asks for the address each minute, only while all is well (safety rule 19). */
export function createHeartbeat(options: HeartbeatOptions): Heartbeat {
  const { url, trouble, log, onBeat, everyMs = 60_000, timeoutMs = 10_000 } = options
  let timer: NodeJS.Timeout | undefined
  let beating: Promise<void> | undefined
  const stopping = new AbortController()

  const beat = async () => {
    try {
      const why = await trouble()
      if (stopping.signal.aborted) return
      if (why) {
        onBeat?.('withheld')
        log.warn({ why }, 'no heartbeat: not all is well')
        return
      }
      const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(timeoutMs)])
      const response = await fetch(url, { signal })
      await response.body?.cancel()
      onBeat?.(response.ok ? 'sent' : 'failed')
      if (!response.ok) log.warn({ status: response.status }, 'the heartbeat was not taken')
    } catch (error) {
      if (stopping.signal.aborted) return
      onBeat?.('failed')
      // The address may hold a key: only what kind of failure it was.
      log.warn({ reason: reasonOf(error) }, 'the heartbeat did not arrive')
    }
  }

  const next = () => {
    const began = performance.now()
    beating = beat().finally(() => {
      if (!stopping.signal.aborted)
        timer = setTimeout(next, Math.max(0, everyMs - (performance.now() - began))).unref()
    })
  }

  return {
    // Not at once: at the start nothing has been looked at yet.
    start() {
      timer = setTimeout(next, Math.min(everyMs, firstAfterMs)).unref()
    },
    async stop() {
      clearTimeout(timer)
      stopping.abort()
      await beating
    },
  }
}

const firstAfterMs = 5_000

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  if (cause && typeof cause === 'object' && 'code' in cause) return String(cause.code)
  return error instanceof Error ? error.name : 'unknown'
}
