import { type RawBuilder, sql } from 'kysely'
import type { Tx } from '../../db/pool.ts'
import { readLayer, type WrittenLayer } from './layer.ts'
import type { Override, Schedule } from './schedule.ts'

export type StoredOverride = Override & { id: string; fromFile: boolean }

export type StoredSchedule = Omit<Schedule, 'overrides'> & {
  id: string
  name: string
  teamId: string | null
  team: string | null
  /** Set by the configuration file: verbs change nothing of it but covers. */
  fromFile: boolean
  written: WrittenLayer[]
  overrides: StoredOverride[]
  /** Everybody who is named in it, those who count as nobody too. */
  names: ReadonlyMap<string, string>
  /** Those of them whose name is their own words: the configuration file did not give it. */
  selfNamed: string[]
}

export type Which = {
  ids?: string[]
  /** Exact, whatever the case. */
  name?: string
  teamId?: string
}

type Row = {
  id: string
  name: string
  team_id: string | null
  team: string | null
  time_zone: string
  from_file: boolean
  layers: WrittenLayer[]
  overrides: StoredOverride[]
}

/**
 * Schedules by name, with the overrides that touch the given time.
 * @param locked against others who change them; for a change.
 */
export async function loadSchedules(
  tx: Tx,
  orgId: string,
  { from, until }: { from: Date; until: Date },
  which: Which = {},
  locked = false,
): Promise<StoredSchedule[]> {
  const { rows } = await sql<Row>`
    select s.id, s.name, s.team_id, t.name as team, s.time_zone, s.from_file,
      (select coalesce(jsonb_agg(jsonb_build_object('start', r.starts_on, 'rotation', r.rotation,
          'handoff', r.handoff, 'hours', r.hours, 'people', r.people) order by r.position), '[]')
        from rotations r where r.org_id = s.org_id and r.schedule_id = s.id) as layers,
      (select coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'person', o.person_id, 'fromFile', o.from_file,
          'from', (extract(epoch from o.starts_at) * 1000)::bigint,
          'to', (extract(epoch from o.ends_at) * 1000)::bigint) order by o.created_at, o.id), '[]')
        from overrides o where o.org_id = s.org_id and o.schedule_id = s.id
          and o.ends_at > ${from} and o.starts_at < ${until}) as overrides
    from schedules s left join teams t on t.org_id = s.org_id and t.id = s.team_id
    where s.org_id = ${orgId} and ${chosen(which)}
    order by lower(s.name) ${locked ? sql`for update of s` : sql``}`.execute(tx)
  const named = rows.flatMap((row) => [
    ...row.layers.flatMap((layer) => layer.people),
    ...row.overrides.map((override) => override.person),
  ])
  const people = named.length
    ? await tx
        .selectFrom('people')
        .select(['id', 'name', 'active', 'file_fields'])
        .where('org_id', '=', orgId)
        .where('id', 'in', [...new Set(named)])
        .execute()
    : []
  const names = new Map(people.map(({ id, name }) => [id, name]))
  const active = new Set(people.filter((person) => person.active).map(({ id }) => id))
  const absent = new Set(named.filter((id) => !active.has(id)))
  const selfNamed = people.filter((person) => !person.file_fields.includes('name')).map(({ id }) => id)
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    teamId: row.team_id,
    team: row.team,
    fromFile: row.from_file,
    timeZone: row.time_zone,
    layers: row.layers.map(readLayer),
    written: row.layers,
    overrides: row.overrides,
    absent,
    names,
    selfNamed: selfNamed.filter((id) => isNamed(row, id)),
  }))
}

const isNamed = ({ layers, overrides }: Row, id: string): boolean =>
  layers.some(({ people }) => people.includes(id)) || overrides.some(({ person }) => person === id)

const chosen = ({ ids, name, teamId }: Which): RawBuilder<unknown> => {
  if (ids) return sql`s.id = any(${ids}::uuid[])`
  if (name !== undefined) return sql`lower(s.name) = ${name.toLowerCase()}`
  return teamId ? sql`s.team_id = ${teamId}` : sql`true`
}

export const nameOf = (schedule: Pick<StoredSchedule, 'names'>, person: string): string =>
  schedule.names.get(person) ?? 'somebody who is gone'
