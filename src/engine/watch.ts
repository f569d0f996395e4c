import {
  claimTelling,
  findLate,
  giveTellingBack,
  type Late,
  type LateIncident,
  type LateRows,
  lateByIncident,
  markTold,
} from '../core/lateness.ts'
import type { Db } from '../db/pool.ts'
import type { Logger } from '../log.ts'
import { latenessCard, onTimeCard } from '../messages/lateness-card.ts'
import type { Carrier, CarrierName } from '../ports/platform.ts'
import { audienceOf } from './watch/audience.ts'
import { tell } from './watch/tell.ts'

export type WatchdogOptions = {
  /** Connections of its own: what keeps the engine's busy must not blind who watches it. */
  db: Db
  platforms: Map<CarrierName, Carrier>
  log: Logger
  onLook?: (look: Look) => void
  everyMs?: number
  sendTimeoutMs?: number
}

export type LateFigures = {
  steps: number
  deliveries: number
  arrivals: number
  /** By how much the most overdue of all is late. */
  oldestSeconds: number
}

/** `undefined`: it could not look. */
export type Look = LateFigures | undefined

export type Watchdog = {
  start(): void
  stop(): Promise<void>
  /** When it last looked with success, and what it found. */
  status(): { lookedAt?: Date; late?: LateFigures }
}

/** When more incidents than these are late at once, one message speaks of all of them. */
const mostApart = 5

/** What one message says. */
type Telling = LateRows & { incidentIds: string[] }

const tellings = (incidents: LateIncident[]): Telling[] =>
  [...Map.groupBy(incidents, ({ orgId }) => orgId)].flatMap(([orgId, all]): Telling[] =>
    all.length <= mostApart
      ? all.map((one) => ({ ...one, incidentIds: [one.incidentId] }))
      : [
          {
            orgId,
            incidentIds: all.map(({ incidentId }) => incidentId),
            steps: all.flatMap(({ steps }) => steps),
            deliveries: all.flatMap(({ deliveries }) => deliveries),
          },
        ],
  )

const isTold = ({ steps, deliveries }: LateRows) => [...steps, ...deliveries].some(({ told }) => told)
const isWhollyTold = ({ steps, deliveries }: LateRows) => [...steps, ...deliveries].every(({ told }) => told)

/** Finds what is late and says so (safety rule 19). Apart from the engine: no runner, no job, no outbox. */
export function createWatchdog(options: WatchdogOptions): Watchdog {
  const { db, log, onLook, everyMs = 15_000, sendTimeoutMs = 5_000 } = options
  const context = { ...options, sendTimeoutMs }
  /** What this replica said is late, until it has said that it is not. */
  const said = new Set<Telling>()
  /** Incidents that this replica has claimed and could neither tell of nor give back: the database was away. */
  const owed = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> | undefined
  let stopped = false
  let status: ReturnType<Watchdog['status']> = {}

  const look = async () => {
    try {
      const late = await findLate(db.engine)
      const figures = figuresOf(late)
      status = { lookedAt: new Date(), late: figures }
      onLook?.(figures)
      if (figures.oldestSeconds > 0) log.warn(figures, 'something is late')
      await say(late)
    } catch (error) {
      onLook?.(undefined)
      log.error({ err: error }, 'the watchdog could not look; it looks again')
    }
  }

  const say = async (late: Late) => {
    const incidents = lateByIncident(late)
    const fresh = incidents.filter((incident) => owed.has(incident.incidentId) || !isTold(incident))
    for (const joined of incidents) {
      if (isTold(joined) && !isWhollyTold(joined)) await markTold(db.engine, joined)
    }
    const pagesLate = late.steps.length > 0 || late.deliveries.some(({ isPage }) => isPage)
    await Promise.all(tellings(fresh).map((telling) => sayLate(telling, pagesLate).catch(logged)))
    const still = new Set(incidents.map(({ incidentId }) => incidentId))
    for (const id of owed) if (!still.has(id)) owed.delete(id)
    const over = [...said].filter(({ incidentIds }) => !incidentIds.some((id) => still.has(id)))
    await Promise.all(over.map((telling) => sayOnTime(telling).catch(logged)))
  }

  const sayLate = async (telling: Telling, pagesLate: boolean) => {
    const { orgId, incidentIds } = telling
    if (stopped) return
    if (!incidentIds.some((id) => owed.has(id)) && !(await claimTelling(db.engine, telling))) return
    for (const id of incidentIds) owed.add(id)
    let arrived = false
    try {
      const audience = await audienceOf(db, orgId, incidentIds)
      if (!audience) return
      const platformOf = (workspaceId: string) => audience.workspaces.get(workspaceId)?.platform
      const card = latenessCard({ name: audience.name, late: telling, platformOf, pagesLate })
      arrived = await tell(context, audience, card)
    } finally {
      if (arrived) said.add(telling)
      else await giveTellingBack(db.engine, telling)
      for (const id of incidentIds) owed.delete(id)
    }
  }

  const sayOnTime = async (telling: Telling) => {
    said.delete(telling)
    const audience = await audienceOf(db, telling.orgId, telling.incidentIds)
    if (audience) await tell(context, audience, onTimeCard(audience.name))
  }

  const logged = (error: unknown) => log.error({ err: error }, 'the watchdog could not say what is late')

  const next = () => {
    looking = look().finally(() => {
      looking = undefined
      if (!stopped) timer = setTimeout(next, everyMs).unref()
    })
  }

  return {
    start: next,
    async stop() {
      stopped = true
      clearTimeout(timer)
      await looking
    },
    status: () => status,
  }
}

const figuresOf = ({ steps, deliveries, arrivals }: Late): LateFigures => ({
  steps: steps.length,
  deliveries: deliveries.length,
  arrivals: arrivals.count,
  oldestSeconds: Math.max(
    0,
    arrivals.oldestSeconds,
    ...[...steps, ...deliveries].map(({ lateSeconds }) => lateSeconds),
  ),
})
