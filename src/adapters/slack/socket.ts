import { setTimeout } from 'node:timers/promises'
import { SocketModeClient } from '@slack/socket-mode'
import type { Logger } from '../../log.ts'
import type { Body } from './body.ts'
import { callTimeoutMs } from './client.ts'
import { quietLogger } from './quiet-logger.ts'
import { readRequest } from './request.ts'
import type { Take } from './take.ts'

const longestWaitMs = 30_000

type Envelope = {
  body: unknown
  envelope_id: string
  ack: (response?: Record<string, unknown>) => Promise<void>
}

/**
 * Socket Mode: the same requests over a connection of our own, stored before they are acknowledged; what is not
 * acknowledged comes again. The client's own reconnecting is off: a rejection inside it would end the process.
 */
export const createSocket = (options: { appToken: string; apiUrl?: string; take: Take; log: Logger }) => {
  const { log, take } = options
  const stopped = new AbortController()
  const client = new SocketModeClient({
    appToken: options.appToken,
    logger: quietLogger(log),
    autoReconnectEnabled: false,
    clientOptions: {
      ...(options.apiUrl && { slackApiUrl: options.apiUrl }),
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      timeout: callTimeoutMs,
    },
  })

  const receive = async ({ body, envelope_id: id, ack }: Envelope): Promise<void> => {
    if (typeof body !== 'object' || body === null) return ack()
    const request = readRequest(body as Body, id)
    switch (request.kind) {
      case 'challenge':
      case 'nothing':
        return ack()
      case 'options':
        return ack({ options: [] })
      case 'unusable':
        log.warn({ reason: request.reason }, 'A request from Slack was unusable')
        return ack()
    }
    const answer = await take(request)
    if (answer.status >= 500 && request.kind === 'event') return
    return ack(typeof answer.body === 'object' ? answer.body : undefined)
  }
  client.on('slack_event', (envelope: Envelope) => {
    receive(envelope).catch((error: unknown) => {
      log.error({ err: error }, 'A request from Slack could not be acknowledged')
    })
  })

  const connect = async () => {
    let failures = 0
    while (!stopped.signal.aborted) {
      const ended = Promise.withResolvers<void>()
      client.once('disconnected', ended.resolve)
      try {
        await client.start()
        failures = 0
        log.info('Connected to Slack in Socket Mode')
        await ended.promise
      } catch {
        failures += 1
        log.warn({ failures }, 'Socket Mode could not connect')
      }
      client.off('disconnected', ended.resolve)
      // Slack ends each connection after some hours: then the next one is opened at once.
      const waitMs = failures === 0 ? 100 : Math.min(500 * 2 ** failures, longestWaitMs)
      await setTimeout(waitMs, undefined, { signal: stopped.signal, ref: false }).catch(() => {})
    }
  }

  let started = false
  return {
    start: () => {
      if (!started) void connect()
      started = true
    },
    /** After everything taken has been acknowledged. */
    stop: async () => {
      stopped.abort()
      await Promise.race([client.disconnect(), setTimeout(1000, undefined, { ref: false })])
    },
  }
}
