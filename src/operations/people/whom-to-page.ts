import { sql } from 'kysely'
import type { PersonRef } from '../../core/actor.ts'
import { resolvePerson, resolveTeam } from '../../core/people.ts'
import { conflict, isTocsinError, notFound } from '../../errors.ts'
import type { Scope } from '../define.ts'

/** Whom a page is for, and what is left of the text once the whole name is off it. */
export type Recipients = { people: string[]; team?: string; text: string }

/** A name has so many words at most. */
const mostWords = 4

/**
 * `page Ida Torres the replica lags`: nothing says where a name ends, so the longest beginning that is exactly a
 * person's or a team's name is taken; else the first word, which may also be the beginning of one. `team NAME` is a
 * team whatever people call themselves.
 * @throws TocsinError not_found; conflict when a person and a team answer to it.
 */
export async function whomToPage(scope: Scope, whom: string, text: string): Promise<Recipients> {
  const { tx, orgId, actor } = scope
  const person = (ref: string) => resolvePerson(tx, orgId, ref, { workspaceId: actor.place?.workspace.id })
  if (/^<@|^\S+@\S+\.\S+$/.test(whom)) return { people: [(await person(whom)).id], text }
  const forced = /^team$/i.test(whom) && text !== ''
  const line = forced ? text : [whom, text].filter(Boolean).join(' ')
  const name = await longestName(scope, line, forced ? 1 : whom.split(' ').length)
  const rest = line.slice(name.length).trim()
  const team = await attempt(resolveTeam(tx, orgId, name))
  const human = forced ? undefined : await attempt(person(name))
  if (team && human) {
    throw conflict(
      `${name} may be the team ${team.name} or ${human.name}. Write team ${team.name}, or the person’s e-mail address.`,
      { allowed: [`page team ${team.name}`], quotes: true },
    )
  }
  if (human) return { people: [human.id], text: rest }
  if (team) return { people: await membersOf(scope, team), team: team.name, text: rest }
  throw notFound(`Nobody was paged: there is no active person and no team called ${name}.`)
}

/** Nothing found is no error yet; several found is. */
async function attempt(search: Promise<PersonRef>): Promise<PersonRef | undefined> {
  try {
    return await search
  } catch (error) {
    if (isTocsinError(error) && error.kind === 'not_found') return undefined
    throw error
  }
}

async function longestName({ tx, orgId }: Scope, line: string, least: number): Promise<string> {
  const ends = [...line.matchAll(/\S+/g)].map((match) => match.index + match[0].length)
  const beginnings = ends.slice(least - 1, Math.max(least, mostWords)).map((end) => line.slice(0, end))
  const spoken = beginnings.map((each) => each.replace(/^[@#]/, '').replaceAll(/\s+/g, ' ').toLowerCase())
  const { rows } = await sql<{ name: string }>`
    select lower(name) as name from people
      where org_id = ${orgId} and active and lower(name) = any(${spoken})
    union select lower(name) from teams where org_id = ${orgId} and lower(name) = any(${spoken})`.execute(tx)
  const exact = new Set(rows.map((row) => row.name))
  const longest = beginnings.findLast((_, index) => exact.has(spoken[index]!))
  return longest ?? beginnings[0] ?? line
}

/** Its active members but for whoever asks. */
async function membersOf({ tx, orgId, actor }: Scope, team: PersonRef): Promise<string[]> {
  const rows = await tx
    .selectFrom('team_members')
    .innerJoin('people', (join) =>
      join
        .onRef('people.org_id', '=', 'team_members.org_id')
        .onRef('people.id', '=', 'team_members.person_id'),
    )
    .select('people.id')
    .where('team_members.org_id', '=', orgId)
    .where('team_members.team_id', '=', team.id)
    .where('people.active', '=', true)
    .where('people.id', '!=', actor.personId)
    .execute()
  if (!rows.length) throw conflict(`Nobody was paged: ${team.name} has no other active members.`)
  return rows.map((row) => row.id)
}
