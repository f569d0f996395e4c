/** One kind of thing that happens by time: it claims what is due and works it. */
export type Job = {
  name: JobName
  /** How often it looks by itself, as node-cron writes it, seconds first. */
  schedule: string
  /** One look may take this long; afterwards the next one begins without it. */
  timeoutMs: number
  /** Looks once. What it started may outlast it; `signal` says that nobody waits for it any more: claim nothing. */
  run(signal: AbortSignal): Promise<void>
  /** Ends what it started, or hands it back. Called once, after the last look. */
  drain?(): Promise<void>
  /** How many things it is working at this moment. */
  inWork?(): number
}

export type JobName =
  | 'dispatch'
  | 'escalate'
  | 'deliver'
  | 'remind'
  | 'remind-shifts'
  | 'find-people'
  | 'maintain'
  | 'seal'

/** The ones that others may wake, in this process or by NOTIFY. */
export type WokenJob = 'dispatch' | 'escalate' | 'deliver'

export type JobStatus = {
  name: JobName
  running: boolean
  inWork: number
  runs: number
  failures: number
  lastSuccess?: Date
  lastError?: string
}
