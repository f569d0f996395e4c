import { sql } from 'kysely'
import { uuid } from '../../db/uuid.ts'
import type { Rank } from '../permissions.ts'
import type { Configuration } from './schema.ts'
import { difference, type Planning, type Step } from './step.ts'

type Entry = Configuration['people'][number]
type Stored = {
  id: string
  name: string
  email: string | null
  phone: string | null
  time_zone: string | null
  department: string | null
  rank: Rank
  admin: boolean
  file_fields: string[]
  teams: string[]
}

/**
 * People of the file: the fields that it sets become its own. A person is known again by the e-mail address, or, for
 * an entry without one, by the name that an earlier file gave; never by a name that somebody chose in a chat.
 * Whoever the file no longer has keeps what they are, and verbs may change it again.
 */
export async function planPeople(planning: Planning): Promise<Step[]> {
  const { tx, orgId, file, personIds } = planning
  const rows = await loadPeople(planning)
  const names = await departmentNames(planning)
  const taken = new Set<string>()
  const steps: Step[] = []
  for (const entry of file.people) {
    const free = rows.filter((row) => !taken.has(row.id))
    const stored = free.find((row) => hasAddress(row, entry)) ?? free.find((row) => hasFileName(row, entry))
    const id = stored?.id ?? uuid()
    taken.add(id)
    personIds.push(id)
    const { columns, teams } = wantedOf(entry, names)
    const wanted = { ...columns, ...(teams && { teams }) }
    const changed = difference(stored ?? {}, wanted)
    if (stored && !changed) continue
    const { teams: _, ...shown } = changed!.new
    steps.push({
      section: 'people',
      action: stored ? 'change' : 'add',
      subject: entry.name,
      ...(stored ? { old: withoutFields(changed!.old) } : {}),
      new: withoutFields({ ...shown, ...('teams' in changed!.new && { teams }) }),
      run: async () => {
        await (stored
          ? tx.updateTable('people').set(columns).where('org_id', '=', orgId).where('id', '=', id).execute()
          : tx
              .insertInto('people')
              .values({
                email: null,
                phone: null,
                time_zone: null,
                department: null,
                deactivated_by: null,
                ...columns,
                org_id: orgId,
                id,
              })
              .execute())
        if (teams) await setTeams(planning, id, teams)
      },
    })
  }
  for (const row of rows) {
    if (taken.has(row.id) || !row.file_fields.length) continue
    steps.push({
      section: 'people',
      action: 'release',
      subject: row.name,
      old: { set_by_file: row.file_fields },
      run: () =>
        tx
          .updateTable('people')
          .set({ file_fields: [] })
          .where('org_id', '=', orgId)
          .where('id', '=', row.id)
          .execute(),
    })
  }
  return steps
}

/** Which fields are the file's is no news to a reader of the plan when a field of it changed. */
const withoutFields = ({ file_fields, ...rest }: Record<string, unknown>) =>
  Object.keys(rest).length ? rest : { set_by_file: file_fields }

const hasAddress = (row: Stored, entry: Entry) =>
  entry.email !== undefined && row.email?.toLowerCase() === entry.email

/** Named by an earlier file that gave no address. */
const hasFileName = (row: Stored, entry: Entry) =>
  row.file_fields.includes('name') &&
  !row.file_fields.includes('email') &&
  (entry.email === undefined || row.email === null) &&
  row.name.toLowerCase() === entry.name.toLowerCase()

/** The file's fields alone: what it says nothing of stays as it is, and stays the verbs' to change. */
function wantedOf(entry: Entry, departments: Map<string, string>) {
  const { email, phone, time_zone, rank, admin } = entry
  const given = {
    name: entry.name,
    ...(email !== undefined && { email }),
    ...(phone !== undefined && { phone }),
    ...(time_zone !== undefined && { time_zone }),
    ...(entry.department !== undefined && {
      department: departments.get(entry.department.toLowerCase()) ?? null,
    }),
    ...(rank !== undefined && { rank }),
    ...(admin !== undefined && { admin }),
  }
  const teams = entry.teams && [...new Set(entry.teams.map((name) => name.toLowerCase()))].sort()
  const file_fields = [...Object.keys(given), ...(teams ? ['teams'] : [])].sort()
  return { columns: { ...given, file_fields }, teams }
}

async function loadPeople({ tx, orgId }: Planning): Promise<Stored[]> {
  return tx
    .selectFrom('people')
    .select([
      'id',
      'name',
      'email',
      'phone',
      'time_zone',
      'department',
      'rank',
      'admin',
      'file_fields',
      sql<string[]>`array(select lower(t.name) from team_members m
        join teams t on t.org_id = m.org_id and t.id = m.team_id
        where m.org_id = people.org_id and m.person_id = people.id order by lower(t.name) collate "C")`.as(
        'teams',
      ),
    ])
    .where('org_id', '=', orgId)
    .where((eb) => eb.or([eb('email', 'is not', null), sql<boolean>`cardinality(file_fields) > 0`]))
    .execute()
}

/** As they are spelt in the database, or will be once the file's are there; `none` is not among them. */
async function departmentNames({ tx, orgId, file }: Planning): Promise<Map<string, string>> {
  const rows = await tx.selectFrom('departments').select('name').where('org_id', '=', orgId).execute()
  const names = [...file.departments, ...rows].map(({ name }) => [name.toLowerCase(), name] as const)
  return new Map(names)
}

async function setTeams({ tx, orgId, teamIds }: Planning, personId: string, teams: string[]): Promise<void> {
  await tx.deleteFrom('team_members').where('org_id', '=', orgId).where('person_id', '=', personId).execute()
  if (!teams.length) return
  const rows = teams.map((name) => ({ org_id: orgId, team_id: teamIds.get(name)!, person_id: personId }))
  await tx.insertInto('team_members').values(rows).execute()
}
