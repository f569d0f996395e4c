// Run as a process of its own by embedded.test.ts: starts the embedded server, says how that went in one line of
// JSON, then stays until it is killed; on SIGTERM it stops the server.
import { setInterval } from 'node:timers'
import { AlreadyRunning, startEmbedded } from '../../src/db/embedded.ts'
import { createLogger } from '../../src/log.ts'

const say = (what: object) => process.stdout.write(`${JSON.stringify(what)}\n`)

try {
  const server = await startEmbedded({
    dataDir: process.argv[2]!,
    log: createLogger('silent'),
    settings: { fsync: 'off' },
  })
  say({ url: server.url, adopted: server.adopted })
  process.on('SIGTERM', async () => {
    await server.stop()
    process.exit(0)
  })
  setInterval(() => undefined, 60_000)
} catch (error) {
  say({ refused: error instanceof AlreadyRunning, sentence: (error as Error).message })
  process.exitCode = 2
}
