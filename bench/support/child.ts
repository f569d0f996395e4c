import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

type Call = { id: number; name: string; argument: unknown }
type Reply = { id: number; value?: unknown; error?: string }

/** What a process of the bench can be asked; each call is answered by a plain value. */
export type Handlers = Record<string, (argument: never) => unknown>

export type Child<H extends Handlers> = {
  call<Name extends keyof H & string>(
    name: Name,
    ...argument: Parameters<H[Name]>
  ): Promise<Awaited<ReturnType<H[Name]>>>
  stop(): Promise<void>
}

/** In the child: answers the calls until the parent is gone. */
export function serve<H extends Handlers>(handlers: H): H {
  process.on('message', async ({ id, name, argument }: Call) => {
    try {
      const value = await handlers[name]!(argument as never)
      process.send!({ id, value } satisfies Reply)
    } catch (error) {
      process.send!({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  })
  process.on('disconnect', () => process.exit(0))
  return handlers
}

/** Each side is a process of its own, so that neither pays for the other's garbage or timers. */
export async function start<H extends Handlers>(file: URL, execArgv: string[] = []): Promise<Child<H>> {
  const process_: ChildProcess = fork(fileURLToPath(file), { execArgv, stdio: ['ignore', 2, 2, 'ipc'] })
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>()
  let last = 0
  process_.on('message', ({ id, value, error }: Reply) => {
    const { resolve, reject } = waiting.get(id)!
    waiting.delete(id)
    if (error === undefined) resolve(value as never)
    else reject(new Error(error))
  })
  process_.on('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`${file.pathname} ended with ${code}`))
  })
  return {
    call: (name, ...argument) =>
      new Promise((resolve, reject) => {
        last += 1
        waiting.set(last, { resolve, reject })
        process_.send({ id: last, name, argument: argument[0] } satisfies Call)
      }),
    async stop() {
      if (process_.exitCode !== null) return
      const ended = once(process_, 'exit')
      process_.disconnect()
      await ended
    },
  }
}
