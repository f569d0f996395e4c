// The yardstick: Bolt as its documentation begins with it, verifying the signature and acknowledging.
import type { AddressInfo } from 'node:net'
import { App, HTTPReceiver } from '@slack/bolt'
import { serve } from '../support/child.ts'
import { path, secret } from './requests.ts'

export const bolt = serve({
  async start(): Promise<number> {
    const receiver = new HTTPReceiver({ signingSecret: secret, endpoints: [path] })
    const app = new App({
      receiver,
      authorize: async () => ({ botToken: 'xoxb-bench', botId: 'B0BENCH', botUserId: 'U0BOT' }),
    })
    app.command('/incident', async ({ ack }) => ack())
    const server = await receiver.start(0)
    return (server.address() as AddressInfo).port
  },
  /** Milliseconds of processor that this process has used. */
  cpu(): number {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  },
})
