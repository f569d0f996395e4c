/** The product as an operator runs it: a process of its own, which can be killed. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

const root = new URL('../..', import.meta.url).pathname

export type LogLine = { level: number; msg: string; url?: string; ms?: number } & Record<string, unknown>

export type Running = {
  pid: number
  /** Where it listens; empty when it ended before it was ready. */
  url: string
  /** Milliseconds until it said that it is ready. */
  readyMs: number
  log: LogLine[]
  stderr: () => string
  /** Set once it has ended. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; ms: number }>
  alive: () => boolean
  kill: (signal: NodeJS.Signals) => void
}

/** `npm_lifecycle_event`: as under npm, it ends with its parent, so that a test run that is killed leaves nothing. */
const base = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '/', npm_lifecycle_event: 'start' }

/** Starts it; resolves once it is ready, or has ended. `meanwhile` is given its number. */
export async function startProcess(
  env: Record<string, string>,
  meanwhile?: (pid: number) => void,
): Promise<Running> {
  const began = performance.now()
  const child = spawn(process.execPath, ['--import', './src/node-version.js', 'src/main.ts'], {
    cwd: root,
    env: { ...base, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  meanwhile?.(child.pid!)
  const log: LogLine[] = []
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
    if (process.env.TEST_LOG) process.stderr.write(text)
  })
  const ended = new Promise<Awaited<Running['ended']>>((resolve) =>
    child.once('close', (code, signal) => {
      resolve({ code, signal, ms: performance.now() - began })
    }),
  )
  const ready = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said = parse(line)
      log.push(said)
      if (process.env.TEST_LOG) process.stdout.write(`${child.pid} ${line}\n`)
      if (said.msg.startsWith('Tocsin is ready')) resolve(said.url ?? '')
    })
    void ended.then(() => resolve(''))
  })
  const url = await ready
  return {
    pid: child.pid!,
    url,
    readyMs: performance.now() - began,
    log,
    stderr: () => errors,
    ended,
    alive: () => child.exitCode === null && child.signalCode === null,
    kill: (signal) => void child.kill(signal),
  }
}

/** Ends what a test left running. */
export async function endAll(left: Running[]): Promise<void> {
  for (const each of left) each.kill('SIGKILL')
  await Promise.all(left.map((each) => each.ended))
}

const parse = (line: string): LogLine => {
  try {
    return JSON.parse(line) as LogLine
  } catch {
    return { level: 0, msg: line }
  }
}
