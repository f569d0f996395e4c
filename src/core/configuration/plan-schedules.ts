import { uuid } from '../../db/uuid.ts'
import { loadSchedules, nameOf, type StoredSchedule } from '../schedules/load.ts'
import { addOverrides, type NewOverride, saveLayers, spelt } from '../schedules/save.ts'
import { layerWords } from '../schedules/words.ts'
import { readInstant } from '../schedules/zone.ts'
import type { Configuration } from './schema.ts'
import { difference, type Planning, type Step } from './step.ts'

type Entry = Configuration['schedules'][number]

const always = { from: new Date('0001-01-01'), until: new Date('9999-12-31') }

/**
 * Schedules of the file: their layers and zone are the file's, and so are the overrides that it names; covers that
 * people arranged stay beside them. One that the file no longer has stays, and verbs may change it again.
 */
export async function planSchedules(planning: Planning): Promise<Step[]> {
  const { tx, orgId, file, teamIds } = planning
  const stored = await loadSchedules(tx, orgId, always)
  const people = namedPeople(planning)
  const steps: Step[] = []
  for (const entry of file.schedules) {
    const before = stored.find(({ name }) => name.toLowerCase() === entry.name.toLowerCase())
    const wanted = wantedOf(entry, planning, people.ids)
    const name = (id: string) => people.names.get(id) ?? (before ? nameOf(before, id) : id)
    const changed = difference(before ? shownStored(before, name) : {}, shownWanted(wanted, entry, name))
    const exact = difference(before ? exactOf(before) : {}, exactWanted(wanted))
    if (before && !exact) continue
    const id = before?.id ?? uuid()
    steps.push({
      section: 'schedules',
      action: before ? 'change' : 'add',
      subject: entry.name,
      ...(before ? { old: changed?.old ?? { from_file: before.fromFile } } : {}),
      new: changed?.new ?? { from_file: true },
      run: async () => {
        const columns = {
          name: entry.name,
          team_id: entry.team ? teamIds.get(entry.team.toLowerCase())! : null,
          time_zone: entry.time_zone,
          from_file: true,
        }
        await (before
          ? tx
              .updateTable('schedules')
              .set(columns)
              .where('org_id', '=', orgId)
              .where('id', '=', id)
              .execute()
          : tx
              .insertInto('schedules')
              .values({ org_id: orgId, id, ...columns })
              .execute())
        await saveLayers(tx, orgId, id, wanted.layers)
        await tx
          .deleteFrom('overrides')
          .where('org_id', '=', orgId)
          .where('schedule_id', '=', id)
          .where('from_file', '=', true)
          .execute()
        await addOverrides(tx, orgId, id, wanted.overrides, { fromFile: true })
      },
    })
  }
  return [...steps, ...released(planning, stored)]
}

function released({ tx, orgId, file }: Planning, stored: StoredSchedule[]): Step[] {
  const kept = new Set(file.schedules.map(({ name }) => name.toLowerCase()))
  return stored
    .filter(({ name, fromFile }) => fromFile && !kept.has(name.toLowerCase()))
    .map(({ id, name }) => ({
      section: 'schedules',
      action: 'release',
      subject: name,
      run: async () => {
        const given = { from_file: false }
        await tx
          .updateTable('schedules')
          .set(given)
          .where('org_id', '=', orgId)
          .where('id', '=', id)
          .execute()
        await tx
          .updateTable('overrides')
          .set(given)
          .where('org_id', '=', orgId)
          .where('schedule_id', '=', id)
          .execute()
      },
    }))
}

/** The file's people by address, and how they are called. */
function namedPeople({ file, personIds }: Planning) {
  const rows = file.people.map((person, index) => ({ ...person, id: personIds[index]! }))
  return {
    ids: new Map(rows.flatMap(({ email, id }) => (email ? [[email, id] as const] : []))),
    names: new Map(rows.map(({ name, id }) => [id, name])),
  }
}

type Wanted = {
  name: string
  team: string | null
  zone: string
  layers: ReturnType<typeof spelt>[]
  overrides: NewOverride[]
}

function wantedOf(entry: Entry, { teamIds }: Planning, ids: Map<string, string>): Wanted {
  const zone = entry.time_zone
  return {
    name: entry.name,
    team: entry.team ? teamIds.get(entry.team.toLowerCase())! : null,
    zone,
    layers: entry.layers.map((layer) =>
      spelt({ ...layer, people: layer.people.map((email) => ids.get(email)!) }),
    ),
    overrides: entry.overrides.map(({ from, to, person }) => ({
      from: new Date(readInstant(zone, from)!),
      to: new Date(readInstant(zone, to)!),
      person: ids.get(person)!,
    })),
  }
}

/** What decides whether anything changed: names of people may change without the schedule doing so. */
const exactWanted = (wanted: Wanted) => ({
  ...wanted,
  overrides: wanted.overrides.map(exactly),
  from_file: true,
})

const exactOf = ({ name, teamId, timeZone, written, overrides, fromFile }: StoredSchedule) => ({
  name,
  team: teamId,
  zone: timeZone,
  layers: written,
  overrides: overrides
    .filter((override) => override.fromFile)
    .map(({ from, to, person }) => exactly({ from: new Date(from), to: new Date(to), person })),
  from_file: fromFile,
})

const exactly = ({ from, to, person }: NewOverride) => [from.toISOString(), to.toISOString(), person]

type NamePerson = (id: string) => string

/** The same for people, in the plan and in the audit log. */
const shownWanted = ({ name, zone, layers, overrides }: Wanted, { team }: Entry, named: NamePerson) => ({
  name,
  team: team ?? null,
  time_zone: zone,
  layers: layers.map((layer) => `[${layerWords(layer, named)}]`),
  overrides: overrides.map((override) => shown(override, named)),
})

const shownStored = (schedule: StoredSchedule, named: NamePerson) => ({
  name: schedule.name,
  team: schedule.team,
  time_zone: schedule.timeZone,
  layers: schedule.written.map((layer) => `[${layerWords(layer, named)}]`),
  overrides: schedule.overrides
    .filter(({ fromFile }) => fromFile)
    .map(({ from, to, person }) => shown({ from: new Date(from), to: new Date(to), person }, named)),
})

const shown = ({ from, to, person }: NewOverride, named: NamePerson): string =>
  `[${from.toISOString().slice(0, 16)}Z to ${to.toISOString().slice(0, 16)}Z: ${named(person)}]`
