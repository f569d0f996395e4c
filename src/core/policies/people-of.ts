import { sql } from 'kysely'
import type { Tx } from '../../db/pool.ts'
import type { PersonRef } from '../actor.ts'
import type { Rank } from '../permissions.ts'
import { loadSchedules } from '../schedules/load.ts'
import { whoIsOnCall } from '../schedules/schedule.ts'
import { minute } from '../schedules/zone.ts'
import type { Target } from './policy.ts'

export type Reached = { target: Target; people: PersonRef[] }

type Member = PersonRef & { rank: Rank; teams: string[] }

/**
 * The active people that each target stands for, by name. Two queries, however many targets there are; a channel or a
 * webhook stands for nobody.
 * @param incident its team, which `inTeam` narrows a rank to (without a team: nobody), and the instant.
 */
export async function peopleOf(
  tx: Tx,
  orgId: string,
  targets: readonly Target[],
  { teamId, at }: { teamId: string | null; at: Date },
): Promise<Reached[]> {
  const [reached] = await peopleOfMany(tx, orgId, [{ targets, teamId }], at)
  return reached!
}

export type Asked = { targets: readonly Target[]; teamId: string | null }

/** The same for incidents of many teams, in two queries as well. */
export async function peopleOfMany(
  tx: Tx,
  orgId: string,
  asked: readonly Asked[],
  at: Date,
): Promise<Reached[][]> {
  const targets = asked.flatMap((each) => each.targets)
  const onCall = await onCallIn(tx, orgId, targets, at)
  const named = targets.flatMap((target) => (target.type === 'person' ? target.personId : []))
  const teams = asked.flatMap((each) =>
    each.targets.flatMap((target) => {
      if (target.type === 'team') return target.teamId
      return target.type === 'rank' && target.inTeam ? (each.teamId ?? []) : []
    }),
  )
  const ranks = targets.flatMap((target) => (target.type === 'rank' && !target.inTeam ? target.rank : []))
  const people = await loadMembers(tx, orgId, {
    ids: [...named, ...onCall.values()],
    teams: [...new Set(teams)],
    ranks,
  })
  const isIn = (target: Target, teamId: string | null) => (person: Member) => {
    switch (target.type) {
      case 'person':
        return person.id === target.personId
      case 'schedule':
        return person.id === onCall.get(target.scheduleId)
      case 'rank':
        return person.rank === target.rank && (!target.inTeam || (!!teamId && person.teams.includes(teamId)))
      case 'team':
        return person.teams.includes(target.teamId)
      default:
        return false
    }
  }
  return asked.map(({ targets, teamId }) =>
    targets.map((target) => ({
      target,
      people: people.filter(isIn(target, teamId)).map(({ id, name }) => ({ id, name })),
    })),
  )
}

/** Who is on call, by the schedule's id. */
async function onCallIn(
  tx: Tx,
  orgId: string,
  targets: readonly Target[],
  at: Date,
): Promise<Map<string, string>> {
  const ids = targets.flatMap((target) => (target.type === 'schedule' ? target.scheduleId : []))
  if (!ids.length) return new Map()
  const until = new Date(at.getTime() + minute)
  const schedules = await loadSchedules(tx, orgId, { from: at, until }, { ids })
  return new Map(
    schedules.flatMap((schedule) => {
      const person = whoIsOnCall(schedule, at)
      return person ? [[schedule.id, person] as const] : []
    }),
  )
}

async function loadMembers(
  tx: Tx,
  orgId: string,
  wanted: { ids: string[]; teams: string[]; ranks: Rank[] },
): Promise<Member[]> {
  const { ids, teams, ranks } = wanted
  if (!ids.length && !teams.length && !ranks.length) return []
  const { rows } = await sql<Member>`
    with wanted as (
      select unnest(${ids}::uuid[]) as id
      union select person_id from team_members where org_id = ${orgId} and team_id = any(${teams}::uuid[])
      ${ranks.length ? sql`union select id from people where org_id = ${orgId} and rank = any(${ranks}::text[])` : sql``}
    )
    select p.id, p.name, p.rank, array(select m.team_id from team_members m
      where m.org_id = p.org_id and m.person_id = p.id and m.team_id = any(${teams}::uuid[])) as teams
    from wanted join people p on p.org_id = ${orgId} and p.id = wanted.id
    where p.active order by lower(p.name), p.id`.execute(tx)
  return rows
}
