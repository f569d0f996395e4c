import { setTimeout as delay } from 'node:timers/promises'
import { schedule } from 'node-cron'
import type { Logger } from '../log.ts'
import type { Job, JobName, JobStatus } from './job.ts'

export type Runner = {
  start(): void
  /** Looks at once, or once more when a look is under way. */
  wake(name: JobName): void
  /** No further look; resolves when the ones under way and all that they started have ended or been handed back. */
  stop(): Promise<void>
  status(): JobStatus[]
}

/** How long a stop waits for a look that does not end. */
const lastLookMs = 3_000

type State = JobStatus & { job: Job; again: boolean; look?: Promise<void>; abort?: AbortController }

/** Runs each job alone: one never overlaps itself here, and what goes wrong in one is no concern of the others. */
export function createRunner(jobs: Job[], log: Logger): Runner {
  const states = new Map(jobs.map((job) => [job.name, newState(job)]))
  const cron: ReturnType<typeof schedule>[] = []
  let stopping = false

  const wake = (name: JobName) => {
    const state = states.get(name)
    if (!state || stopping) return
    state.again = true
    state.look ??= look(state).finally(() => {
      state.look = undefined
      if (state.again) wake(name)
    })
  }

  const look = async (state: State) => {
    // Whoever wakes it again before this microtask is served by the same look.
    await Promise.resolve()
    while (state.again && !stopping) {
      state.again = false
      state.runs += 1
      state.abort = new AbortController()
      try {
        await within(state.job.timeoutMs, state.job.run(state.abort.signal), state.abort)
        state.lastSuccess = new Date()
      } catch (error) {
        state.failures += 1
        state.lastError = error instanceof Error ? error.message : String(error)
        log.error({ err: error, job: state.job.name }, 'a job failed; it runs again at its next tick')
      }
    }
  }

  return {
    start() {
      for (const job of jobs) {
        // Every pattern is a number of seconds or minutes, so the zone only spares node-cron the clock changes.
        const options = { name: job.name, timezone: 'UTC', unref: true, suppressMissedWarning: true }
        cron.push(schedule(job.schedule, () => wake(job.name), options))
        wake(job.name)
      }
    },
    wake,
    async stop() {
      stopping = true
      await Promise.all(cron.map((task) => task.destroy()))
      await Promise.all(
        [...states.values()].map(async (state) => {
          state.abort?.abort()
          await Promise.race([state.look, delay(lastLookMs, undefined, { ref: false })])
          await state.job.drain?.()
        }),
      )
    },
    status: () =>
      [...states.values()].map(({ job, again, look, abort, ...status }) => ({
        ...status,
        running: look !== undefined,
        inWork: job.inWork?.() ?? 0,
      })),
  }
}

const newState = (job: Job): State => ({
  job,
  again: false,
  name: job.name,
  running: false,
  inWork: 0,
  runs: 0,
  failures: 0,
})

/** A look that hangs (a half-open connection) is given up, so that the job goes on; claims bear the overlap. */
async function within(ms: number, work: Promise<void>, abort: AbortController): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${ms} ms`)), ms)
  })
  try {
    await Promise.race([work, late])
  } catch (error) {
    abort.abort()
    work.catch(() => undefined)
    throw error
  } finally {
    clearTimeout(timer)
  }
}
