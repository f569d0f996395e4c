import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import type { Db } from '../db/pool.ts'
import type { Logger } from '../log.ts'
import { channel } from './notifier.ts'

export type Listener = { listening(): boolean; stop(): Promise<void> }

/** A connection that died without a word is noticed by the question that it does not answer. */
const askEveryMs = 15_000
const answerWithinMs = 5_000

/**
 * Hears every NOTIFY and connects again by itself. `heard` gets the payload; undefined after a reconnection, when
 * any number of them may have been missed.
 */
export function listen(db: Db, heard: (payload?: string) => void, log: Logger): Listener {
  let client: pg.Client | undefined
  let listening = false
  let stopped = false
  let failures = 0
  let again: NodeJS.Timeout | undefined
  let asking: NodeJS.Timeout | undefined

  const lost = (from: pg.Client, error?: Error) => {
    if (stopped || client !== from) return
    client = undefined
    listening = false
    clearInterval(asking)
    failures += 1
    const wait = Math.min(5_000, 100 * 2 ** failures)
    log.warn({ err: error, wait }, 'the listening connection is gone; connecting again')
    from.end().catch(() => undefined)
    again = setTimeout(open, wait).unref()
  }

  const open = async () => {
    const made = db.connect()
    client = made
    made.on('error', (error) => lost(made, error))
    made.on('end', () => lost(made))
    made.on('notification', (message) => heard(message.payload))
    try {
      await made.connect()
      await made.query(`listen ${channel}`)
    } catch (error) {
      return lost(made, error as Error)
    }
    if (stopped || client !== made) return
    listening = true
    failures = 0
    asking = setInterval(() => ask(made), askEveryMs)
    asking.unref()
    heard()
  }

  const ask = async (made: pg.Client) => {
    const late = setTimeout(() => lost(made, new Error('no answer')), answerWithinMs)
    late.unref()
    try {
      await made.query('select 1')
    } catch (error) {
      lost(made, error as Error)
    } finally {
      clearTimeout(late)
    }
  }

  void open()
  return {
    listening: () => listening,
    async stop() {
      stopped = true
      listening = false
      clearTimeout(again)
      clearInterval(asking)
      // A server that is gone never confirms the end.
      const ended = client?.end().catch(() => undefined)
      await Promise.race([ended, delay(1_000, undefined, { ref: false })])
    },
  }
}
