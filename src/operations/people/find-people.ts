import { sql } from 'kysely'
import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import { defineOperation } from '../define.ts'
import { administratorsLabel, rankWords } from './target.ts'

const most = 20

type Row = {
  /** Their id, where their name is their own choice. */
  selfNamed: string | null
  name: string
  email: string | null
  department: string | null
  rank: string
  admin: boolean
  active: boolean
  teams: string[]
  platforms: string[]
  total: number
}

export const findPeople = defineOperation({
  name: 'find_people',
  summary: 'Find people by name, e-mail address, department or team, with what they are here.',
  input: z.object({
    text: line(120).optional().describe('part of a name, an address, a department or a team'),
  }),
  permission: 'manage_people',
  effect: 'read',
  undone: 'Nobody was looked up',
  verb: { words: ['people'], usage: 'people [find] TEXT', parse },
  run: async ({ tx, orgId }, { text }) => {
    const words = text?.replace(/^@/, '').toLowerCase() ?? ''
    const { rows } = await sql<Row>`
      select case when 'name' = any(p.file_fields) then null else p.id end as "selfNamed", p.name, p.email, p.department, p.rank, p.admin, p.active, t.teams, i.platforms,
        count(*) over ()::integer as total
      from people p
      cross join lateral (select array(select t.name from team_members m
        join teams t on t.org_id = m.org_id and t.id = m.team_id
        where m.org_id = p.org_id and m.person_id = p.id order by 1) as teams) t
      cross join lateral (select array(select distinct w.platform from identities i
        join workspaces w on w.org_id = i.org_id and w.id = i.workspace_id
        where i.org_id = p.org_id and i.person_id = p.id order by 1) as platforms) i
      where p.org_id = ${orgId} and (${words} = '' or strpos(lower(p.name), ${words}) > 0
        or strpos(lower(p.email), ${words}) > 0 or lower(p.department) = ${words}
        or exists (select from unnest(t.teams) name where lower(name) = ${words}))
      order by p.active desc, lower(p.name) limit ${most}`.execute(tx)
    if (!rows.length) {
      const whom = text ? `Nobody here matches ${text}.` : 'There is nobody here yet.'
      return { parts: [{ kind: 'sentence', label: administratorsLabel, text: whom }] }
    }
    return {
      parts: [
        {
          kind: 'lines',
          label: administratorsLabel,
          authors: rows.flatMap(({ selfNamed }) => selfNamed ?? []),
          title: text ? `People: ${text}` : 'People',
          lines: rows.map(describe),
          more: rows[0]!.total - rows.length,
        },
      ],
    }
  },
})

const describe = (row: Row): string =>
  [
    row.name,
    row.department ?? 'no department',
    rankWords(row.rank),
    ...(row.admin ? ['administrator'] : []),
    ...(row.teams.length ? [row.teams.join(', ')] : []),
    ...(row.email ? [row.email] : []),
    row.platforms.length ? row.platforms.join(' and ') : 'no account yet',
    ...(row.active ? [] : ['deactivated']),
  ].join(' · ')

/** Without `find` only what may be a name: "people are complaining" is no search. */
function parse(rest: string): { text?: string } | undefined {
  const text = rest.trim()
  if (!text || /^(find|list)$/i.test(text)) return {}
  const after = /^find\s+(.+)$/i.exec(text)?.[1]
  if (after) return { text: after.replaceAll(/["“”]/g, '') }
  const named = /^["“]([^"“”]+)["”]$/.exec(text)?.[1]
  if (named) return { text: named }
  const sentence = /^(are|is|in|on|at|who|can|cannot|can't|have|has|do|don't|say|report|with|from|to|the)\b/i
  return text.split(/\s+/).length <= 3 && !sentence.test(text) ? { text } : undefined
}
