import type { Tx } from '../../db/pool.ts'
import { conflict, notFound } from '../../errors.ts'
import { plainName } from './words.ts'

export type Found = { ids: string[]; name: string; team: boolean }

/** More names than a refusal can show help nobody. */
const most = 10

/**
 * The schedules that somebody means: one by its name, else all of a team's; else the beginning of exactly one name.
 * @throws TocsinError not_found, naming the schedules there are; conflict when the words fit several.
 */
export async function findSchedules(tx: Tx, orgId: string, words: string): Promise<Found> {
  const wanted = plainName(words)
  const schedules = await tx
    .selectFrom('schedules')
    .select(['id', 'name', 'team_id'])
    .where('org_id', '=', orgId)
    .orderBy('name')
    .execute()
  const teams = await tx.selectFrom('teams').select(['id', 'name']).where('org_id', '=', orgId).execute()
  const exact = schedules.find(({ name }) => plainName(name) === wanted)
  if (exact) return { ids: [exact.id], name: exact.name, team: false }
  const ofTeam = ({ id, name }: { id: string; name: string }): Found => ({
    ids: schedules.filter(({ team_id }) => team_id === id).map((schedule) => schedule.id),
    name,
    team: true,
  })
  const team = teams.find(({ name }) => plainName(name) === wanted)
  if (team) return ofTeam(team)
  const begun = schedules.filter(({ name }) => plainName(name).startsWith(wanted))
  if (begun.length === 1) return { ids: [begun[0]!.id], name: begun[0]!.name, team: false }
  const names = (begun.length ? begun : schedules).slice(0, most).map(({ name }) => name)
  if (begun.length) {
    throw conflict(`${words.trim()} may be the schedule ${names.join(', ')}. Write the whole name.`, {
      allowed: names,
    })
  }
  const begunTeams = teams.filter(({ name }) => plainName(name).startsWith(wanted))
  if (begunTeams.length === 1) return ofTeam(begunTeams[0]!)
  throw notFound(
    schedules.length
      ? `There is no schedule or team called ${words.trim()}.`
      : `There is no schedule or team called ${words.trim()}; there are no schedules yet.`,
    names.length ? { allowed: names } : {},
  )
}

/** One schedule, for a verb that changes or shows one. */
export async function findSchedule(tx: Tx, orgId: string, words: string): Promise<string> {
  const { ids, name, team } = await findSchedules(tx, orgId, words)
  if (ids.length === 1) return ids[0]!
  if (team && !ids.length) throw notFound(`The team ${name} has no schedule.`)
  throw conflict(`The team ${name} has ${ids.length} schedules: name one of them.`)
}
