/**
 * Open P1 and P2 incidents of which nothing was heard for a while: their people are asked for an update, once an
 * interval until something changes. Times are business time.
 */
import { sql } from 'kysely'
import type { OrgTx } from '../db/pool.ts'
import type { Priority } from '../db/schema.ts'
import type { PersonRef } from './actor.ts'
import { noteIn, tellPeople } from './announce.ts'
import { channelsOf } from './incident-channels.ts'
import { onIncident, plain } from './labels.ts'
import type { Outcome } from './outcome.ts'

/** Seconds without a change after which an update is asked for, and then again. */
export const remindAfterSeconds = { P1: 30 * 60, P2: 60 * 60 } as const satisfies Partial<
  Record<Priority, number>
>
/** So many a look; the longest silent first. */
const most = 50

type Silent = {
  id: string
  key: string
  title: string
  status: 'OPEN' | 'IN_PROGRESS'
  priority: Priority
  private: boolean
  version: number
  team_id: string | null
  silentSeconds: number
  /** The commander, else the assignee, else whoever acknowledged it. */
  person: PersonRef | null
}

/**
 * The index `incidents_silent` holds just the open ones by when they were last heard of, so that looking costs what
 * is due. A snoozed incident is left alone.
 */
export const silentQuery = (orgId: string, priority: 'P1' | 'P2', now: Date) => sql<{ id: string }>`
  select id from incidents i
  where org_id = ${orgId} and status in ('OPEN', 'IN_PROGRESS') and priority in ('P1', 'P2')
    and priority = ${sql.lit(priority)}
    and greatest(updated_at, reminded_at) <= ${new Date(now.getTime() - remindAfterSeconds[priority] * 1000)}
    and (select e.state from escalations e where e.org_id = i.org_id and e.incident_id = i.id
      and e.state in ('running', 'snoozed', 'acknowledged')) is distinct from 'snoozed'
  order by greatest(updated_at, reminded_at) limit ${sql.lit(most)} for no key update skip locked`

/** @returns how many incidents were asked about. */
export async function remindOfUpdates(scope: OrgTx): Promise<number> {
  let told = 0
  for (const priority of ['P1', 'P2'] as const) {
    for (const incident of await claim(scope, priority)) {
      await remind(scope, incident)
      told += 1
    }
  }
  return told
}

/** Neither the version nor `updated_at` changes: nothing was done on the incident. */
async function claim({ tx, orgId, now }: OrgTx, priority: 'P1' | 'P2'): Promise<Silent[]> {
  const due = (await silentQuery(orgId, priority, now).execute(tx)).rows.map(({ id }) => id)
  if (!due.length) return []
  const { rows } = await sql<Silent>`
    update incidents i set reminded_at = ${now}
    where i.org_id = ${orgId} and i.id = any(${due}::uuid[])
    returning id, key, title, status, priority, private, version, team_id,
      extract(epoch from ${now}::timestamptz - updated_at)::float8 as "silentSeconds",
      (select json_build_object('id', p.id, 'name', p.name) from people p
        where p.org_id = i.org_id and p.active and p.id = coalesce(
          (select r.person_id from incident_roles r
            where r.org_id = i.org_id and r.incident_id = i.id and r.role = 'commander' limit 1),
          i.assignee_id, i.acknowledged_by)) as person`.execute(tx)
  return rows
}

async function remind({ tx, orgId }: OrgTx, incident: Silent): Promise<void> {
  const { id, key, person, silentSeconds } = incident
  const outcome: Outcome = {
    parts: [
      {
        kind: 'reminder',
        label: onIncident(incident, plain),
        authors: person ? [person.id] : [],
        key,
        silentSeconds,
        person: person ?? undefined,
      },
    ],
  }
  if (incident.private) {
    if (person) await tellPeople(tx, orgId, [person.id], outcome, { incidentId: id })
    return
  }
  const places = await channelsOf(tx, orgId, incident)
  await noteIn(tx, orgId, places, id, outcome)
}
