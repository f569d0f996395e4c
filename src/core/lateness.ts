/**
 * What should have happened more than two minutes ago (safety rule 19): escalation steps and later ways to a person
 * in business time, messages and arrivals in real time. Everything is read in the engine's role from partial indexes
 * of what is not settled, so that it costs what is late and not what there is.
 */
import { type Kysely, sql } from 'kysely'
import type { Database } from '../db/schema.ts'

/** Later than this is worth saying. Seconds. */
export const lateAfterSeconds = 120
/** So many of each are looked at in one look; the most overdue ones. */
const most = 1_000

export type LateStep = {
  orgId: string
  id: string
  incidentId: string
  lateSeconds: number
  /** Said already, of this very step. */
  told: boolean
}

export type LateDelivery = {
  orgId: string
  id: string
  incidentId: string | null
  workspaceId: string
  lateSeconds: number
  told: boolean
  isPage: boolean
  attempts: number
  /** The destination asked for a pause that is not over. */
  throttled: boolean
  error: string | null
}

export type Late = {
  steps: LateStep[]
  deliveries: LateDelivery[]
  /** Inbox rows that nobody has finished. */
  arrivals: { count: number; oldestSeconds: number }
}

export async function findLate(engine: Kysely<Database>): Promise<Late> {
  const [steps, deliveries, arrivals] = [
    await lateSteps(engine),
    await lateDeliveries(engine),
    await lateArrivals(engine),
  ]
  return { steps, deliveries, arrivals }
}

/** A step that was taken moves `due_at`: what was said of the one before does not count for the next. */
export const lateStepsQuery = () => sql<LateStep>`
  select org_id as "orgId", id, incident_id as "incidentId",
    extract(epoch from tocsin_now() - due_at)::float8 as "lateSeconds",
    coalesce(late_told_at >= due_at, false) as told
  from escalations
  where state in ('running', 'snoozed', 'acknowledged')
    and due_at < (select tocsin_now()) - make_interval(secs => ${lateAfterSeconds})
  order by due_at limit ${most}`

const lateSteps = async (engine: Kysely<Database>) => (await lateStepsQuery().execute(engine)).rows

const late = (since: ReturnType<typeof sql>) => sql`d.org_id as "orgId", d.id, d.incident_id as "incidentId",
  l.workspace_id as "workspaceId", extract(epoch from ${since})::float8 as "lateSeconds",
  d.late_told_at is not null as told, d.page_id is not null and d.urgency = 0 as "isPage", d.attempts,
  coalesce(l.throttled_until > now(), false) as throttled, d.error`

/**
 * What is tried again and again is due anew each time: from its first try on it is late by its age. The others are
 * late by when they were due.
 */
export const lateDeliveriesQuery = () => sql<LateDelivery>`
  (select ${late(sql`now() - case when d.attempts > 0 then d.created_at else d.due_at end`)}
    from deliveries d join lanes l on l.org_id = d.org_id and l.id = d.lane_id
    where d.state in ('queued', 'sending') and d.due_at < now() - make_interval(secs => ${lateAfterSeconds})
    order by d.due_at limit ${most})
  union all
  (select ${late(sql`now() - d.created_at`)}
    from deliveries d join lanes l on l.org_id = d.org_id and l.id = d.lane_id
    where d.state in ('queued', 'sending') and d.due_at >= now() - make_interval(secs => ${lateAfterSeconds})
      and d.attempts > 0 and d.created_at < now() - make_interval(secs => ${lateAfterSeconds})
    order by d.due_at limit ${most})
  union all
  (select ${late(sql`tocsin_now() - d.due_at`)}
    from deliveries d join lanes l on l.org_id = d.org_id and l.id = d.lane_id
    where d.state = 'waiting' and d.due_at < (select tocsin_now()) - make_interval(secs => ${lateAfterSeconds})
    order by d.due_at limit ${most})`

const lateDeliveries = async (engine: Kysely<Database>) => (await lateDeliveriesQuery().execute(engine)).rows

export const lateArrivalsQuery = () => sql<Late['arrivals']>`
  select count(*) as count, coalesce(extract(epoch from now() - min(received_at)), 0)::float8 as "oldestSeconds"
  from (select received_at from inbox
    where state = 'queued' and received_at < now() - make_interval(secs => ${lateAfterSeconds})
    order by received_at limit ${most}) waiting`

const lateArrivals = async (engine: Kysely<Database>) => (await lateArrivalsQuery().execute(engine)).rows[0]!

export type LateRows = { orgId: string; steps: LateStep[]; deliveries: LateDelivery[] }
export type LateIncident = LateRows & { incidentId: string }

/** The same by incident, each with all of its own. */
export function lateByIncident({ steps, deliveries }: Late): LateIncident[] {
  const found = new Map<string, LateIncident>()
  const of = (orgId: string, incidentId: string) => {
    const known = found.get(incidentId) ?? { orgId, incidentId, steps: [], deliveries: [] }
    found.set(incidentId, known)
    return known
  }
  for (const step of steps) of(step.orgId, step.incidentId).steps.push(step)
  for (const delivery of deliveries)
    if (delivery.incidentId) of(delivery.orgId, delivery.incidentId).deliveries.push(delivery)
  return [...found.values()]
}

/**
 * Marks what is late as said. Of several replicas the one that marks the first of it does.
 * @returns whether this one did.
 */
export async function claimTelling(engine: Kysely<Database>, late: LateRows): Promise<boolean> {
  const { steps, deliveries } = untold(late)
  const first = steps.length ? { steps: steps.slice(0, 1), deliveries: [] } : undefined
  const claimed = await mark(engine, late.orgId, first ?? { steps: [], deliveries: deliveries.slice(0, 1) })
  if (claimed) await markTold(engine, late)
  return claimed > 0
}

/** What joined a lateness that has been said is not said by itself. */
export const markTold = (engine: Kysely<Database>, late: LateRows): Promise<number> =>
  mark(engine, late.orgId, untold(late))

/** Nobody could be told: the next look tries again. */
export async function giveTellingBack(engine: Kysely<Database>, late: LateRows): Promise<void> {
  const steps = late.steps.map(({ id }) => id)
  const deliveries = late.deliveries.map(({ id }) => id)
  await sql`
    with step as (
      update escalations set late_told_at = null where org_id = ${late.orgId} and id = any(${steps}::uuid[])
    )
    update deliveries set late_told_at = null
    where org_id = ${late.orgId} and id = any(${deliveries}::uuid[])`.execute(engine)
}

const untold = (late: LateRows) => ({
  steps: late.steps.filter(({ told }) => !told).map(({ id }) => id),
  deliveries: late.deliveries.filter(({ told }) => !told).map(({ id }) => id),
})

/** @returns how many were not marked before. */
async function mark(
  engine: Kysely<Database>,
  orgId: string,
  { steps, deliveries }: { steps: string[]; deliveries: string[] },
): Promise<number> {
  const { rows } = await sql<{ marked: number }>`
    with step as (
      update escalations set late_told_at = tocsin_now()
      where org_id = ${orgId} and id = any(${steps}::uuid[])
        and (late_told_at is null or late_told_at < due_at) returning id
    ), delivery as (
      update deliveries set late_told_at = now()
      where org_id = ${orgId} and id = any(${deliveries}::uuid[]) and late_told_at is null
        and state in ('waiting', 'queued', 'sending') returning id
    )
    select (select count(*) from step) + (select count(*) from delivery) as marked`.execute(engine)
  return rows[0]!.marked
}
