// A process of its own: what it takes is on neither side, and the same for both.
import { serve } from '../support/child.ts'
import { percentile } from '../support/stats.ts'
import { openConnection } from './connection.ts'
import { type Batch, buildRequests } from './requests.ts'

export type Load = {
  /** Answers a second, latencies in milliseconds, answers that were not an empty 200. */
  perSecond: number
  p50: number
  p99: number
  wrong: number
}

const connections = 32

export const load = serve({
  /** Signs first, then sends as fast as the answers come. */
  async run(batch: Batch): Promise<Load> {
    const requests = buildRequests(batch)
    const open = await Promise.all(Array.from({ length: connections }, () => openConnection(batch.port)))
    const latencies = new Float64Array(requests.length)
    let next = 0
    let wrong = 0
    const work = async ({ ask }: (typeof open)[number]) => {
      while (next < requests.length) {
        const mine = next++
        const sent = performance.now()
        const { status, empty } = await ask(requests[mine]!)
        latencies[mine] = performance.now() - sent
        if (status !== 200 || !empty) wrong += 1
      }
    }
    const started = performance.now()
    await Promise.all(open.map(work))
    const seconds = (performance.now() - started) / 1000
    for (const { close } of open) close()
    return {
      perSecond: requests.length / seconds,
      p50: percentile(latencies, 0.5),
      p99: percentile(latencies, 0.99),
      wrong,
    }
  },
})
