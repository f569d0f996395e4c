// The whole product over HTTP, as main.ts starts it, with Slack configured.
import { createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { createLogger } from '../../src/log.ts'
import { serve } from '../support/child.ts'
import { secret } from './requests.ts'

export const tocsin = serve({
  async start(options: { databaseUrl: string; dataDir: string; slackApiUrl: string }): Promise<number> {
    const env = {
      PORT: '0',
      DATABASE_URL: options.databaseUrl,
      DATA_DIR: options.dataDir,
      TOCSIN_SECRET: 'a-secret-for-the-bench-alone',
      // With a Slack that does not answer, what it logs is what was wanted.
      LOG_LEVEL: 'fatal',
      SLACK_BOT_TOKEN: 'xoxb-bench',
      SLACK_SIGNING_SECRET: secret,
      SLACK_API_URL: options.slackApiUrl,
    }
    const config = readConfig(env)
    const app = await createApp(config, env, createLogger(config.logLevel))
    await app.start()
    return Number(new URL(app.url).port)
  },
  /** Milliseconds of processor that this process has used. */
  cpu(): number {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  },
})
