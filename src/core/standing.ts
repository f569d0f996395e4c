import { sql } from 'kysely'
import type { Tx } from '../db/pool.ts'
import { type Holdings, holdingsOf, type Persona, type Rank } from './permissions.ts'

/** What a person is at this moment: read inside the transaction that acts, never remembered between requests. */
export type Standing = {
  personId: string
  name: string
  department: string | null
  persona: Persona
  rank: Rank
  admin: boolean
  teamIds: string[]
  holdings: Holdings
}

/** The standing of an active person; undefined for somebody unknown or deactivated, who may do nothing. */
export async function loadStanding(tx: Tx, orgId: string, personId: string): Promise<Standing | undefined> {
  const row = await tx
    .selectFrom('people')
    .leftJoin('departments', (join) =>
      join
        .onRef('departments.org_id', '=', 'people.org_id')
        .onRef('departments.name', '=', 'people.department'),
    )
    .select([
      'people.name',
      'people.department',
      'people.rank',
      'people.admin',
      'departments.persona',
      'departments.permissions',
      sql<string[]>`array(select team_id from team_members m
        where m.org_id = people.org_id and m.person_id = people.id)`.as('teamIds'),
    ])
    .where('people.org_id', '=', orgId)
    .where('people.id', '=', personId)
    .where('people.active', '=', true)
    .executeTakeFirst()
  if (!row) return undefined
  return {
    personId,
    name: row.name,
    department: row.department,
    persona: (row.persona as Persona | null) ?? 'InfoBot',
    rank: row.rank,
    admin: row.admin,
    teamIds: row.teamIds,
    holdings: holdingsOf({
      departmentPermissions: row.permissions ?? [],
      rank: row.rank,
      admin: row.admin,
    }),
  }
}
