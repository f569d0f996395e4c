/** `npm run teams:playground`: the product beside Microsoft's own local client, with no tenant and no account. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { readEnvironment } from '../config.ts'

const playground = '@microsoft/m365agentsplayground@0.2.28'
const port = 3978

const here = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const { env } = readEnvironment()
const started: ChildProcess[] = []

/** Each has a group of its own, so that what it starts ends with it. */
const start = (command: string, args: string[], more: NodeJS.ProcessEnv, onEnd: string): void => {
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true, env: more })
  child.on('error', (error) => stop(`${onEnd} ${error.message}`))
  child.on('exit', () => stop(onEnd))
  started.push(child)
}

let stopping = false
const stop = (why?: string): void => {
  if (stopping) return
  stopping = true
  if (why) process.stderr.write(`${why}\n`)
  process.exitCode = why ? 1 : 0
  for (const { pid, exitCode, signalCode } of started) {
    if (pid === undefined || exitCode !== null || signalCode !== null) continue
    try {
      process.kill(-pid, 'SIGTERM')
    } catch (error) {
      // It ended by itself in between.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop())

start(
  process.execPath,
  ['--import', here('src/node-version.js'), here('src/main.ts')],
  {
    ...env,
    HOST: '127.0.0.1',
    PORT: String(port),
    TEAMS_AUTH: 'off',
    CONSOLE: 'off',
    DATA_DIR: env.DATA_DIR ?? here('.data/playground'),
    TOCSIN_CONFIG: env.TOCSIN_CONFIG ?? here('manifests/teams/playground.yaml'),
  },
  'Tocsin ended: its own lines above say why.',
)
start(
  'npx',
  ['--yes', playground, '-e', `http://127.0.0.1:${port}/api/messages`, '-c', 'msteams', '--dt'],
  env,
  'The playground ended. It opens a browser by itself, and ends where there is none to open.',
)
