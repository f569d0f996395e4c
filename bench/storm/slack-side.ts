// Stands in for Slack's servers: answers at once, and remembers when each incident's page came.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '../support/child.ts'

const arrived = new Map<string, number>()
let messages = 0

const answers: Record<string, () => object> = {
  'auth.test': () => ({ team_id: 'T0BENCH', team: 'Bench', user_id: 'U0BOT', bot_id: 'B0BOT' }),
  'conversations.open': () => ({ channel: { id: 'D0BENCH' } }),
  'chat.postMessage': () => ({
    channel: 'D0BENCH',
    ts: `${Date.now()}.${String(++messages).padStart(6, '0')}`,
  }),
}

export const slack = serve({
  /** @returns the base for SLACK_API_URL. */
  async start(): Promise<string> {
    const server = createServer((request, response) => {
      const at = Date.now()
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const method = request.url!.split('/').pop()!
        if (method === 'chat.postMessage') {
          const text = new URLSearchParams(Buffer.concat(chunks).toString()).get('text') ?? ''
          const key = /^(INC-\d+) needs you/.exec(text)?.[1]
          if (key && !arrived.has(key)) arrived.set(key, at)
        }
        const body = JSON.stringify({ ok: true, ...answers[method]?.() })
        response.writeHead(200, { 'content-type': 'application/json' }).end(body)
      })
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`
  },
  count: (): number => arrived.size,
  /** When each page came, in milliseconds of the clock; forgets them. */
  take(): number[] {
    const times = [...arrived.values()]
    arrived.clear()
    return times
  },
})
