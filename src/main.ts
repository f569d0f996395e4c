import { type App, createApp } from './app.ts'
import { ConfigError, readEnvironment } from './config.ts'
import { AlreadyRunning } from './db/embedded.ts'
import { isTocsinError } from './errors.ts'
import { createLogger } from './log.ts'

/** Everything must be out by then. npm passes a terminal's signal on, so a second one means nothing. */
const stopWithinMs = 25_000
const started = performance.now()
const parent = process.ppid

let log = createLogger('info')
let app: App | undefined
let starting = true
let ending = false

process.on('SIGTERM', end)
process.on('SIGINT', end)
try {
  const { config, env, underNpm } = readEnvironment()
  log = createLogger(config.logLevel)
  if (underNpm) endWithParent()
  app = await createApp(config, env, log)
  if (!ending) await app.start()
  starting = false
  if (ending) await stop()
  else {
    const ms = Math.round(performance.now() - started)
    log.info({ url: app.url, ms }, `Tocsin is ready at ${app.url}`)
  }
} catch (error) {
  await app?.stop().catch((reason) => log.error({ err: reason }, 'the stop did not go well'))
  if (error instanceof ConfigError || error instanceof AlreadyRunning || isTocsinError(error)) {
    process.stderr.write(`${error.message}\n`)
    process.exit(2)
  }
  if ((error as { code?: unknown }).code === 'EADDRINUSE') {
    process.stderr.write('Another program listens on that port: stop it, or set PORT to a free one.\n')
    process.exit(2)
  }
  log.fatal({ err: error }, 'Tocsin could not start')
  process.exit(1)
}

/** npm runs its scripts through a shell that dies of a signal without passing it on. */
function endWithParent(): void {
  setInterval(() => {
    if (process.ppid !== parent) end('npm ended')
  }, 500).unref()
}

/** Once; what is being started is stopped when it stands. */
function end(why: string): void {
  if (ending) return
  ending = true
  log.info({ why }, 'stopping')
  setTimeout(() => process.exit(1), stopWithinMs).unref()
  if (!starting) void stop()
}

async function stop(): Promise<void> {
  try {
    await app?.stop()
    process.exit(0)
  } catch (error) {
    log.error({ err: error }, 'the stop did not go well')
    process.exit(1)
  }
}
