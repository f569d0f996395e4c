import { sql } from 'kysely'
import type { Tx } from '../../db/pool.ts'
import { holdingsOf, ranks } from '../permissions.ts'

/** Those of the people who have an account in a chat. */
export async function reachableOf(tx: Tx, orgId: string, people: string[]): Promise<Set<string>> {
  if (!people.length) return new Set()
  const rows = await tx
    .selectFrom('identities')
    .select('person_id')
    .distinct()
    .where('org_id', '=', orgId)
    .where('kind', '=', 'member')
    .where('person_id', 'in', [...new Set(people)])
    .execute()
  return new Set(rows.flatMap(({ person_id }) => person_id ?? []))
}

/**
 * Whom a team's gaps concern: of its members who may manage its schedule and can be reached those of the lowest rank,
 * its leads; where there are none, the administrators.
 */
export async function leadsOf(tx: Tx, orgId: string, teamId: string | null): Promise<string[]> {
  const managing = ranks.filter((rank) =>
    holdingsOf({ departmentPermissions: [], rank, admin: false }).has('manage_schedule'),
  )
  const { rows } = await sql<{ id: string }>`
    with reachable as (
      select p.id, p.rank, p.admin from people p
      where p.org_id = ${orgId} and p.active and exists (select from identities i
        where i.org_id = p.org_id and i.person_id = p.id and i.kind = 'member')
    ), leads as (
      select p.id, array_position(${[...ranks]}::text[], p.rank) as height from reachable p
      join team_members m on m.org_id = ${orgId} and m.person_id = p.id and m.team_id = ${teamId}::uuid
      where p.rank = any(${managing}::text[])
    )
    select id from leads where height = (select min(height) from leads)
    union all select id from reachable where admin and not exists (select from leads)
    order by id`.execute(tx)
  return rows.map(({ id }) => id)
}
