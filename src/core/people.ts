import { sql } from 'kysely'
import type { Tx } from '../db/pool.ts'
import { conflict, invalidInput, notFound } from '../errors.ts'
import type { PersonRef } from './actor.ts'
import { moveTargets } from './policies/move.ts'
import { moveShifts } from './schedules/save.ts'

export type PersonSearch = {
  /** The workspace that a platform mention belongs to. */
  workspaceId?: string
  /** Deactivated people are found too. */
  inactive?: boolean
}

type Candidate = PersonRef & {
  email: string | null
  department: string | null
  rank: string
  /** The fields that the configuration file set; a name that is none of them is the person's own choice. */
  file_fields: string[]
}

/** More candidates than a refusal can name help nobody. */
const mostCandidates = 6

/**
 * The person that somebody wrote: a platform mention `<@EXTERNAL>`, `@Name`, a name (exact whatever the case, else the
 * beginning of exactly one), or an e-mail address. `me` is the caller's to know.
 * @throws TocsinError not_found; conflict when several people answer to it, naming them.
 */
export async function resolvePerson(
  tx: Tx,
  orgId: string,
  ref: string,
  search: PersonSearch | string = {},
): Promise<PersonRef> {
  const { workspaceId, inactive = false } = typeof search === 'string' ? { workspaceId: search } : search
  const text = unquote(ref)
  if (!text) throw invalidInput('Whom? Give a name, an e-mail address or a mention.', { field: 'person' })
  const mention = /^<@([^>|\s]+)(\|[^>]*)?>$/.exec(text)?.[1]
  const found = mention
    ? await byMention(tx, orgId, mention, workspaceId, inactive)
    : await byWords(tx, orgId, text, inactive)
  if (found.length === 1) return { id: found[0]!.id, name: found[0]!.name }
  if (found.length === 0) {
    throw notFound(
      mention
        ? 'I do not know the person you mentioned. They become known by writing to me once.'
        : `There is no ${inactive ? '' : 'active '}person called ${text}.`,
    )
  }
  const shown = found.slice(0, mostCandidates - 1).map(describe)
  const others = found.length >= mostCandidates ? ' and others' : ''
  throw conflict(`${text} may be ${shown.join(', ')}${others}. Write the whole name or the e-mail address.`, {
    allowed: found.slice(0, mostCandidates - 1).map((person) => person.email ?? person.name),
    quotes: found.some((person) => !person.file_fields.includes('name')),
  })
}

/**
 * The team by name: exact whatever the case, else the beginning of exactly one.
 * @throws TocsinError not_found (naming the teams there are), conflict.
 */
export async function resolveTeam(tx: Tx, orgId: string, name: string): Promise<PersonRef> {
  const text = unquote(name).replace(/^#/, '')
  const rows = await tx
    .selectFrom('teams')
    .select(['id', 'name'])
    .where('org_id', '=', orgId)
    .where(sql<boolean>`lower(name) like ${likePrefix(text)}`)
    .orderBy('name')
    .limit(mostCandidates)
    .execute()
  const exact = rows.find((row) => row.name.toLowerCase() === text.toLowerCase())
  if (exact) return exact
  if (rows.length === 1) return rows[0]!
  if (rows.length > 1) {
    const names = rows.map((row) => row.name)
    throw conflict(`${text} may be the team ${names.join(', ')}. Write the whole name.`, { allowed: names })
  }
  const teams = await tx.selectFrom('teams').select('name').where('org_id', '=', orgId).limit(20).execute()
  const names = teams.map((row) => row.name)
  throw notFound(`There is no team ${text}.`, names.length ? { allowed: names } : {})
}

/** Lower-cased and anchored at the beginning; what LIKE reads as a pattern is taken as it is written. */
const likePrefix = (text: string) => `${text.toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`

const unquote = (text: string) =>
  text
    .trim()
    .replace(/^["'“”](.*)["'“”]$/, '$1')
    .replaceAll(/\s+/g, ' ')
    .trim()

const describe = (person: Candidate) =>
  `${person.name} (${person.email ?? person.department ?? person.rank.replaceAll('_', ' ')})`

function candidates(tx: Tx, orgId: string, inactive: boolean) {
  const base = tx
    .selectFrom('people')
    .select([
      'people.id',
      'people.name',
      'people.email',
      'people.department',
      'people.rank',
      'people.file_fields',
    ])
    .where('people.org_id', '=', orgId)
  return inactive ? base : base.where('people.active', '=', true)
}

async function byMention(
  tx: Tx,
  orgId: string,
  user: string,
  workspaceId: string | undefined,
  inactive: boolean,
): Promise<Candidate[]> {
  if (!workspaceId) return []
  return candidates(tx, orgId, inactive)
    .innerJoin('identities', (join) =>
      join.onRef('identities.org_id', '=', 'people.org_id').onRef('identities.person_id', '=', 'people.id'),
    )
    .where('identities.workspace_id', '=', workspaceId)
    .where('identities.external_id', '=', user)
    .where((eb) => (inactive ? eb.val(true) : eb('identities.kind', '=', 'member')))
    .execute()
}

async function byWords(tx: Tx, orgId: string, words: string, inactive: boolean): Promise<Candidate[]> {
  const name = words.replace(/^@/, '')
  if (/^\S+@\S+$/.test(name)) {
    return candidates(tx, orgId, inactive).where(sql`lower(email)`, '=', name.toLowerCase()).execute()
  }
  const found = await candidates(tx, orgId, inactive)
    .where(sql<boolean>`lower(name) like ${likePrefix(name)}`)
    .orderBy(sql`lower(name) = ${name.toLowerCase()}`, 'desc')
    .orderBy('name')
    .limit(mostCandidates)
    .execute()
  const typed = name.toLowerCase()
  const exact = found.filter((person) => person.name.toLowerCase() === typed)
  if (!exact.length) return found
  // Everybody chooses their own name in a chat: who calls themselves "Ida" must not get what is meant for Ida Torres.
  const fuller = found.filter((person) => person.name.toLowerCase().startsWith(`${typed} `))
  const given = exact.every((person) => person.file_fields.includes('name'))
  return given ? exact : [...exact, ...fuller]
}

/** Changes of who is who happen one after another in an organisation, so that nobody becomes two people. */
export async function lockPeople(tx: Tx, orgId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`people ${orgId}`}, 0))`.execute(tx)
}

/** What one person's account must not bring along when it becomes another's. */
export type Placement = {
  department: string | null
  rank: string
  admin: boolean
  file_fields: string[]
  teamIds: string[]
}

/** Nobody has placed them: a plain user without department, mark, teams, or word of the configuration file. */
export const isUnplaced = (person: Placement): boolean =>
  !person.department &&
  person.rank === 'user' &&
  !person.admin &&
  !person.file_fields.length &&
  !person.teamIds.length

/**
 * Makes one of two people that are the same human: accounts and open references of `from` go to `into`, `from` stays
 * as an empty, deactivated row that history points to. Department, rank, mark and teams of `from` are dropped, never
 * added. What was recorded (spendings, the audit log) keeps the name it was recorded under.
 */
export async function mergePeople(tx: Tx, orgId: string, from: string, into: string): Promise<void> {
  await sql`update identities set person_id = ${into} where org_id = ${orgId} and person_id = ${from}`.execute(
    tx,
  )
  await sql`delete from link_codes where org_id = ${orgId} and person_id = ${from}`.execute(tx)
  await sql`update incidents set
      reporter_id = case when reporter_id = ${from} then ${into} else reporter_id end,
      assignee_id = case when assignee_id = ${from} then ${into} else assignee_id end,
      acknowledged_by = case when acknowledged_by = ${from} then ${into} else acknowledged_by end
    where org_id = ${orgId} and status in ('OPEN', 'IN_PROGRESS', 'RESOLVED')
      and ${from}::uuid in (reporter_id, assignee_id, acknowledged_by)`.execute(tx)
  await sql`update incident_roles set person_id = ${into}
    where org_id = ${orgId} and person_id = ${from}`.execute(tx)
  await sql`insert into incident_people (org_id, incident_id, person_id, relation, at)
    select org_id, incident_id, ${into}, relation, at from incident_people
    where org_id = ${orgId} and person_id = ${from} on conflict do nothing`.execute(tx)
  await sql`delete from incident_people where org_id = ${orgId} and person_id = ${from}`.execute(tx)
  await sql`update comments set author_id = ${into} where org_id = ${orgId} and author_id = ${from}`.execute(
    tx,
  )
  await sql`delete from team_members where org_id = ${orgId} and person_id = ${from}`.execute(tx)
  await moveShifts(tx, orgId, from, into)
  await moveTargets(tx, orgId, from, into)
  await sql`update preferences set person_id = ${into} where org_id = ${orgId} and person_id = ${from}
    and not exists (select from preferences where org_id = ${orgId} and person_id = ${into})`.execute(tx)
  await sql`delete from preferences where org_id = ${orgId} and person_id = ${from}`.execute(tx)
  // The address is unique: it leaves the one before it reaches the other, which keeps its own.
  const { rows } = await sql<{ email: string | null; phone: string | null; time_zone: string | null }>`
    select email, phone, time_zone from people where org_id = ${orgId} and id = ${from}`.execute(tx)
  await sql`update people set active = false, email = null, phone = null, department = null, rank = 'user',
      admin = false, file_fields = '{}', deactivated_by = ${into}
    where org_id = ${orgId} and id = ${from}`.execute(tx)
  await sql`update people set email = coalesce(email, ${rows[0]?.email ?? null}),
      phone = coalesce(phone, ${rows[0]?.phone ?? null}),
      time_zone = coalesce(time_zone, ${rows[0]?.time_zone ?? null})
    where org_id = ${orgId} and id = ${into}`.execute(tx)
}

/** The active administrators, at most `most` of them. */
export async function administratorIds(tx: Tx, orgId: string, most = 100): Promise<string[]> {
  const rows = await tx
    .selectFrom('people')
    .select('id')
    .where('org_id', '=', orgId)
    .where('admin', '=', true)
    .where('active', '=', true)
    .orderBy('id')
    .limit(most)
    .execute()
  return rows.map(({ id }) => id)
}

/** Whether anybody active administers the organisation. */
export const hasAdministrator = async (tx: Tx, orgId: string): Promise<boolean> =>
  (await administratorIds(tx, orgId, 1)).length > 0
