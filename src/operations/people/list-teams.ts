import { sql } from 'kysely'
import { z } from 'zod'
import { plain } from '../../core/labels.ts'
import { defineOperation } from '../define.ts'

const most = 50

export const listTeams = defineOperation({
  name: 'list_teams',
  summary: 'List the teams and who is in them.',
  input: z.object({}),
  permission: 'view_incident',
  effect: 'read',
  verb: {
    words: ['teams'],
    usage: 'teams',
    parse: (rest) => (/^(list)?$/i.test(rest.trim()) ? {} : undefined),
  },
  run: async ({ tx, orgId }) => {
    const teams = await tx
      .selectFrom('teams')
      .select([
        'name',
        sql<string[]>`array(select p.name from team_members m
          join people p on p.org_id = m.org_id and p.id = m.person_id and p.active
          where m.org_id = teams.org_id and m.team_id = teams.id order by p.name)`.as('members'),
        sql<string[]>`array(select p.id from team_members m
          join people p on p.org_id = m.org_id and p.id = m.person_id and p.active
          where m.org_id = teams.org_id and m.team_id = teams.id
            and not 'name' = any(p.file_fields))`.as('selfNamed'),
      ])
      .where('org_id', '=', orgId)
      .orderBy('name')
      .execute()
    if (!teams.length) {
      return { parts: [{ kind: 'sentence', label: plain, text: 'There are no teams yet.' }] }
    }
    const lines = teams
      .slice(0, most)
      .map(({ name, members }) => `${name}: ${members.length ? members.join(', ') : 'nobody yet'}`)
    const more = Math.max(0, teams.length - most)
    // A name that the configuration file did not give is its bearer's own words.
    const authors = teams.slice(0, most).flatMap(({ selfNamed }) => selfNamed)
    return { parts: [{ kind: 'lines', label: plain, authors, title: 'Teams', lines, more }] }
  },
})
