/** What the database says: how each slot stands, what was audited, and whether anything at all has changed. */
import type { Tocsin } from '../support/app.ts'
import type { Slot } from './slots.ts'

type Sql = Tocsin['sql']

type IncidentRow = {
  status: string
  priority: string
  assignee_id: string | null
  acknowledged_by: string | null
  business_impact: string | null
  category: string | null
  merged_into: string | null
}
export type State = {
  incident: IncidentRow
  team: string | null
  people: { person: string; relation: string }[]
  roles: { person: string; role: string }[]
  services: string[]
  comments: { body: string; visibility: string; author: string | null }[]
  target: { department: string | null; rank: string; admin: boolean; active: boolean; teams: string[] }
  /** Titles of incidents that were declared with the slot's word, with their priority. */
  declared: { title: string; priority: string; reporter: string }[]
  squads: string[]
  /** Of the slot's schedule; null once it is gone. */
  layers: number | null
  covers: string[]
  calendars: string[]
  /** How people are told who have said something of it, and what of that is theirs. */
  ways: {
    person: string
    high: { afterSeconds: number }[] | null
    low: { afterSeconds: number }[] | null
    quiet: { from: string } | null
    phone: string | null
    zone: string | null
  }[]
  /** Whom pages with the slot's word were for. */
  paged: string[]
  /** Who has acknowledged the slot's page. */
  seen: string | null
  /** How many escalation steps were taken for the slot's incident, and how its escalation stands. */
  steps: number
  escalation: string | null
  /** The version of the slot's policy; null once it is gone. */
  policy: number | null
  /** Whether there is a schedule called by the slot's word. */
  made: boolean
}

/** How the slots stand now, by number. */
export async function observe(sql: Sql, slots: Slot[]): Promise<Map<number, State>> {
  const rows = await sql<State & { number: number }>(
    `select i.number, to_jsonb(i) as incident, (select name from teams t where t.id = i.team_id) as team,
      coalesce((select jsonb_agg(jsonb_build_object('person', person_id, 'relation', relation))
        from incident_people x where x.incident_id = i.id), '[]') as people,
      coalesce((select jsonb_agg(jsonb_build_object('person', person_id, 'role', role))
        from incident_roles x where x.incident_id = i.id), '[]') as roles,
      array(select s.name from incident_services x join services s on s.id = x.service_id
        where x.incident_id = i.id order by 1) as services,
      coalesce((select jsonb_agg(jsonb_build_object('body', body, 'visibility', visibility, 'author', author_id))
        from comments x where x.incident_id = i.id), '[]') as comments,
      (select jsonb_build_object('department', department, 'rank', rank, 'admin', admin, 'active', active, 'teams',
        array(select t.name from team_members m join teams t on t.id = m.team_id where m.person_id = p.id))
        from people p where p.id = g.target) as target,
      coalesce((select jsonb_agg(jsonb_build_object('title', title, 'priority', priority, 'reporter', reporter_id))
        from incidents x where x.title = 'Declared ' || g.word), '[]') as declared,
      array(select name from teams where name = 'squad ' || g.word) as squads,
      (select (select count(*)::int from rotations x where x.schedule_id = r.id) from schedules r
        where r.id = i.id) as layers,
      array(select person_id::text from overrides x where x.schedule_id = i.id) as covers,
      array(select person_id::text from calendar_tokens x where x.schedule_id = i.id) as calendars,
      coalesce((select jsonb_agg(jsonb_build_object('person', p.id, 'high', f.high, 'low', f.low,
          'quiet', f.quiet_hours, 'phone', p.phone, 'zone', p.time_zone))
        from people p left join preferences f on f.person_id = p.id
        where f.person_id is not null or p.phone is not null or p.time_zone is not null), '[]') as ways,
      array(select d.person_id::text from pages x join deliveries d on d.page_id = x.id
        where x.body = 'look at ' || g.word) as paged,
      (select closed_by from pages x where x.id = i.id) as seen,
      (select count(*)::int from pages x where x.incident_id = i.id and x.escalation_id is not null) as steps,
      (select state from escalations x where x.incident_id = i.id order by started_at desc limit 1) as escalation,
      (select version from policies x where x.id = i.id and x.removed_at is null) as policy,
      exists (select from schedules where name = g.word) as made
    from jsonb_to_recordset($1::jsonb) as g (number int, word text, target uuid)
    join incidents i on i.number = g.number`,
    [JSON.stringify(slots.map(({ number, word, target }) => ({ number, word, target: target.id })))],
  )
  return new Map(rows.map((row) => [row.number, row]))
}

/**
 * Everything that an operation may change, as one text a table. Left out: queues and what runs beside them, what
 * Slack says of people and places, and the audit log and the agent's memory, which a refusal too is written into.
 */
export async function fingerprint(sql: Sql): Promise<Record<string, string>> {
  const beside = `^(audit|inbox$|deliveries$|lanes$|posted_messages$|identities$|conversation|tool_calls$|given$|channels$|usage$|kysely)`
  const tables = await sql<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public'
      and table_type = 'BASE TABLE' and table_name !~ $1 order by 1`,
    [beside],
  )
  const each = tables.map(
    ({ name }) =>
      `select '${name}' as name, md5(coalesce(string_agg(t::text, '' order by t::text), '')) as hash from ${name} t`,
  )
  const rows = await sql<{ name: string; hash: string }>(each.join(' union all '))
  return Object.fromEntries(rows.map(({ name, hash }) => [name, hash]))
}

export type AuditLine = { actor: string; operation: string; outcome: string; surface: string }

/** The audit's lines since an instant of the database's, by who acted. */
export async function auditSince(sql: Sql, since: string): Promise<Map<string, AuditLine[]>> {
  const rows = await sql<AuditLine>(
    `select coalesce(actor_id::text, '') as actor, operation, outcome, surface from audit
      where recorded_at > $1::timestamptz order by recorded_at, id`,
    [since],
  )
  return Map.groupBy(rows, ({ actor }) => actor)
}

export const instant = async (sql: Sql): Promise<string> =>
  (await sql<{ now: string }>(`select clock_timestamp()::text as now`))[0]!.now
