import { type App, createApp } from './app.ts'
import { ConfigError, readEnvironment } from './config.ts'
import { AlreadyRunning } from './db/embedded.ts'
import { isTocsinError } from './errors.ts'
import { createLogger } from './log.ts'

/** Everything must be out by then. npm passes a terminal's signal on, so a second one means nothing. */
const stopWithinMs = 25_000

const started = performance.now()
let log = createLogger('info')
let app: App | undefined
try {
  const { config, env } = readEnvironment()
  log = createLogger(config.logLevel)
  app = await createApp(config, env, log)
  onSignal(app)
  await app.start()
  log.info({ url: app.url, ms: Math.round(performance.now() - started) }, `Tocsin is ready at ${app.url}`)
} catch (error) {
  await app?.stop().catch((reason) => log.error({ err: reason }, 'the stop did not go well'))
  if (error instanceof ConfigError || error instanceof AlreadyRunning || isTocsinError(error)) {
    process.stderr.write(`${error.message}\n`)
    process.exit(2)
  }
  log.fatal({ err: error }, 'Tocsin could not start')
  process.exit(1)
}

function onSignal({ stop }: App): void {
  let stopping = false
  const handle = (signal: NodeJS.Signals) => {
    if (stopping) return
    stopping = true
    log.info({ signal }, 'stopping')
    setTimeout(() => process.exit(1), stopWithinMs).unref()
    stop().then(
      () => process.exit(0),
      (error) => {
        log.error({ err: error }, 'the stop did not go well')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', handle)
  process.on('SIGINT', handle)
}
