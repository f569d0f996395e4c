import { sql } from 'kysely'
import type { Tx } from '../db/pool.ts'
import { holdingsOf, type Permission, type Rank, ranks } from './permissions.ts'

const rankWords: Record<Rank, string> = {
  viewer: 'viewer',
  user: 'member',
  oncall_engineer: 'on-call engineer',
  team_lead: 'team lead',
  manager: 'manager',
  vp: 'VP',
  cto: 'CTO',
}

/** `why` is by what they hold it: their department, their rank or the administrator's mark. */
export type Holder = {
  personId: string
  name: string
  why: string
  /** Their name is their own choice: no file gave it. */
  selfNamed?: boolean
}

/**
 * Up to three active people who hold a permission, for a refusal that says who can: those of the incident's team
 * first, then the lowest rank that suffices, so that nobody wakes the CTO for a status change.
 * @param teamId the team that the case belongs to; a permission held for own teams counts only there.
 */
export async function findHolders(
  tx: Tx,
  orgId: string,
  permission: Permission,
  teamId?: string | null,
  except?: string,
): Promise<Holder[]> {
  const rankReach = ranks.map((rank) => ({
    rank,
    reach: holdingsOf({ departmentPermissions: [], rank, admin: false }).get(permission),
  }))
  const everywhere = rankReach.filter(({ reach }) => reach === 'everywhere').map(({ rank }) => rank)
  const ownTeams = rankReach.filter(({ reach }) => reach === 'own_teams').map(({ rank }) => rank)
  const adminHolds = holdingsOf({ departmentPermissions: [], rank: 'viewer', admin: true }).has(permission)
  const { rows } = await sql<{
    id: string
    name: string
    department: string | null
    rank: Rank
    by: string
    self_named: boolean
  }>`
    select p.id, p.name, p.department, p.rank, not 'name' = any(p.file_fields) as self_named,
      case when ${permission} = any(d.permissions) then 'department'
        when p.rank = any(${[...everywhere, ...ownTeams]}) then 'rank' else 'mark' end as by
    from people p
    left join departments d on d.org_id = p.org_id and d.name = p.department
    left join lateral (select true as yes from team_members m
      where m.org_id = p.org_id and m.person_id = p.id and m.team_id = ${teamId ?? null}::uuid) t on true
    where p.org_id = ${orgId} and p.active and p.id is distinct from ${except ?? null}::uuid
      and (${permission} = any(d.permissions) or p.rank = any(${everywhere})
        or (p.rank = any(${ownTeams}) and t.yes) or (p.admin and ${adminHolds}))
    order by t.yes nulls last, ${permission} = any(d.permissions) desc nulls last,
      array_position(${[...ranks]}::text[], p.rank), p.name
    limit 3`.execute(tx)
  return rows.map((row) => ({
    personId: row.id,
    name: row.name,
    ...(row.self_named && { selfNamed: true }),
    why:
      row.by === 'mark'
        ? 'administrator'
        : row.by === 'department'
          ? row.department!
          : [row.department, rankWords[row.rank]].filter(Boolean).join(' '),
  }))
}
