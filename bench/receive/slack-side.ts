// Stands in for Slack's servers: takes answers at response addresses; the Web API never answers.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '../support/child.ts'

let answers = 0

export const slack = serve({
  /** @returns the base for SLACK_API_URL and for response addresses. */
  async start(): Promise<string> {
    const server = createServer((request, response) => {
      request.resume()
      // auth.test hangs: until it has answered, the one token speaks for all the workspaces of the load.
      if (!request.url?.startsWith('/hooks/')) return
      request.on('end', () => {
        answers += 1
        response.writeHead(200, { 'content-type': 'text/plain', 'content-length': 2 }).end('ok')
      })
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  },
  /** Answers that have come in so far. */
  answered: (): number => answers,
})
