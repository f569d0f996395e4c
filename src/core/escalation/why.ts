import { sql } from 'kysely'
import type { Tx } from '../../db/pool.ts'
import type { Rank } from '../permissions.ts'
import type { Target } from '../policies/policy.ts'

const rankWords: Record<Rank, string> = {
  viewer: 'a viewer',
  user: 'a member',
  oncall_engineer: 'an on-call engineer',
  team_lead: 'a team lead',
  manager: 'a manager',
  vp: 'a VP',
  cto: 'CTO',
}

/** The names of the schedules and teams that targets speak of, by id. */
export async function namesOf(
  tx: Tx,
  orgId: string,
  targets: Target[],
  teamIds: string[],
): Promise<Map<string, string>> {
  const schedules = targets.flatMap((target) => (target.type === 'schedule' ? target.scheduleId : []))
  const teams = [...teamIds, ...targets.flatMap((target) => (target.type === 'team' ? target.teamId : []))]
  if (!schedules.length && !teams.length) return new Map()
  const { rows } = await sql<{ id: string; name: string }>`
    select id, name from schedules where org_id = ${orgId} and id = any(${schedules}::uuid[])
    union all select id, name from teams where org_id = ${orgId} and id = any(${teams}::uuid[])`.execute(tx)
  return new Map(rows.map(({ id, name }) => [id, name]))
}

/** Why a page came to its reader, as one sentence. */
export function whyOf(
  target: Target,
  names: Map<string, string>,
  teamId: string | null,
  policy: string,
): string {
  switch (target.type) {
    case 'schedule':
      return `You are on call for ${names.get(target.scheduleId) ?? 'it'}.`
    case 'rank': {
      const team = target.inTeam && teamId ? names.get(teamId) : undefined
      return `You are ${rankWords[target.rank]}${team ? ` of ${team}` : ''}.`
    }
    case 'team':
      return `You are in the team ${names.get(target.teamId) ?? 'it pages'}.`
    default:
      return `The policy ${policy} names you.`
  }
}
