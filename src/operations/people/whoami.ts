import { sql } from 'kysely'
import { z } from 'zod'
import { plain } from '../../core/labels.ts'
import type { Part } from '../../core/outcome.ts'
import { type Holdings, type Permission, permissions } from '../../core/permissions.ts'
import { defineOperation } from '../define.ts'
import { rankWords } from './target.ts'

export const whoami = defineOperation({
  name: 'whoami',
  summary: 'Show who you are here and what you may do.',
  input: z.object({}),
  permission: undefined,
  effect: 'read',
  verb: { words: ['whoami'], usage: 'whoami', parse: (rest) => (rest.trim() ? undefined : {}) },
  run: async ({ tx, orgId, standing }) => {
    const { rows } = await sql<{ teams: string[]; platforms: string[] }>`
      select array(select t.name from team_members m
          join teams t on t.org_id = m.org_id and t.id = m.team_id
          where m.org_id = ${orgId} and m.person_id = ${standing.personId} order by 1) as teams,
        array(select distinct w.platform from identities i
          join workspaces w on w.org_id = i.org_id and w.id = i.workspace_id
          where i.org_id = ${orgId} and i.person_id = ${standing.personId} order by 1) as platforms`.execute(
      tx,
    )
    const { teams, platforms } = rows[0]!
    const parts: Part[] = [
      {
        kind: 'facts',
        label: plain,
        title: `You are ${standing.name}`,
        facts: [
          { name: 'Department', value: standing.department ?? 'none' },
          { name: 'Persona', value: standing.persona },
          { name: 'Rank', value: rankWords(standing.rank) },
          { name: 'Administrator', value: standing.admin ? 'yes' : 'no' },
          { name: 'Teams', value: teams.join(', ') || 'none' },
          { name: 'Accounts', value: platforms.join(', ') || 'none' },
        ],
      },
      { kind: 'lines', label: plain, title: 'You may', lines: mayDo(standing.holdings) },
    ]
    return { parts }
  },
})

const groups: [string, (permission: Permission) => boolean][] = [
  ['See', (permission) => permission.startsWith('view_') || permission === 'access_private'],
  ['Administer', (permission) => /^manage_(people|teams|policies|integrations)$/.test(permission)],
  ['Money', (permission) => /cost|spending|allocate/.test(permission)],
  ['Customers', (permission) => permission.includes('customer')],
  ['Services', (permission) => /service|diagnostics|restart/.test(permission)],
  ['People and teams', (permission) => /assign|hand_off|roles|page|escalate|manage_/.test(permission)],
  ['Incidents', () => true],
]

/** One line a group; what holds for own teams alone is marked. */
function mayDo(holdings: Holdings): string[] {
  const groupOf = (permission: Permission) => groups.find(([, belongs]) => belongs(permission))![0]
  const held = permissions.filter((permission) => holdings.has(permission))
  return groups.flatMap(([name]) => {
    const words = held
      .filter((permission) => groupOf(permission) === name)
      .map((permission) => permission + (holdings.get(permission) === 'own_teams' ? ' (own teams)' : ''))
    return words.length ? [`${name}: ${words.join(', ')}`] : []
  })
}
