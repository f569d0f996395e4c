/**
 * One slot a case: an incident, a second one to merge into, somebody to do things to, and a word of its own. The
 * owner sets them back before each round, so that one running product serves thousands of cases.
 */
import type { Tocsin } from '../support/app.ts'
import type { Standing } from './matrix.ts'

type Sql = Tocsin['sql']
export type Status = 'OPEN' | 'IN_PROGRESS' | 'RESOLVED'

export type Slot = {
  number: number
  key: string
  id: string
  into: string
  target: { id: string; email: string }
  answer: string
  /** Stands in the title of the slot's incident and nowhere else. */
  word: string
  /** The team that the case is about: the person's own, or another. */
  team: string
}

/** How a slot stands before its case; `person` is who will act. */
export type Setting = {
  slot: Slot
  person: string | null
  on: Standing
  status: Status
  /** The incident merged into knows nothing of the person. */
  strangeInto?: boolean
  follows?: boolean
  target?: { active?: boolean; admin?: boolean; member?: boolean }
}

const keyOf = (number: number) => `INC-${String(number).padStart(3, '0')}`

export const restricted = {
  business_impact: 'carts-are-lost',
  customers_affected: 4321,
  internal: 'the-password-leaked',
  cost: 98765,
}

/** Makes the slots, the incidents that they merge into after them. */
export async function makeSlots(sql: Sql, count: number): Promise<Slot[]> {
  const [org] = await sql<{ id: string }>(
    `update organizations set last_incident = $1 returning org_id as id`,
    [count * 2],
  )
  await sql(
    `insert into incidents (org_id, id, number, title, priority)
      select $1, gen_random_uuid(), n, 'Made', 'P3' from generate_series(1, $2::int) n`,
    [org!.id, count * 2],
  )
  await sql(
    `insert into people (org_id, id, name, email)
      select $1, gen_random_uuid(), 'Tara Target ' || n, 't' || n || '@example.com' from generate_series(1, $2::int) n`,
    [org!.id, count],
  )
  await sql(
    `insert into people (org_id, id, name, email)
    values ($1, gen_random_uuid(), 'Nora Nobody', 't0@example.com')`,
    [org!.id],
  )
  await sql(
    `insert into services (org_id, id, name)
      select $1, gen_random_uuid(), 'own' || n from generate_series(1, $2::int) n`,
    [org!.id, count],
  )
  // She alone of them is in the chat, to be paged: whoever is on call there hears of it, which is no case's doing.
  await sql(`insert into identities (org_id, workspace_id, external_id, person_id, name, kind)
    select p.org_id, w.id, 'UNORA', p.id, p.name, 'member'
    from people p, workspaces w where p.email = 't0@example.com' and w.platform = 'slack'`)
  await sql(`create unlogged table given (number int, title text, status text, team text, relation text,
    private boolean, follows boolean, person uuid, target uuid, answer uuid, active boolean, admin boolean,
    member boolean)`)
  // What share_answer shares: an answer that was given to its asker alone.
  await sql(
    `insert into lanes (org_id, id, workspace_id, destination)
      select org_id, gen_random_uuid(), id, 'private:answers' from workspaces where platform = 'slack'`,
  )
  await sql(
    `insert into deliveries (org_id, id, lane_id, urgency, notification, state)
      select org_id, gen_random_uuid(), id, 1, jsonb_build_object('n', n), 'sent'
      from lanes, generate_series(1, $1::int) n where destination = 'private:answers'`,
    [count],
  )
  const rows = await sql<{ number: number; id: string; target: string; email: string; answer: string }>(
    `select i.number, i.id, p.id as target, p.email, d.id as answer from incidents i
      join people p on p.email = 't' || i.number || '@example.com'
      join deliveries d on d.notification = jsonb_build_object('n', i.number) order by 1`,
  )
  return rows.map(({ number, id, target, email, answer }) => ({
    number,
    key: keyOf(number),
    id,
    into: keyOf(number + count),
    target: { id: target, email },
    answer,
    word: '',
    team: '',
  }))
}

const dayMs = 86_400_000

/** So many days from today, as a schedule's verbs take it. */
export const soon = (days: number, hours = 0): string => {
  const today = Math.floor(Date.now() / dayMs) * dayMs
  return `${new Date(today + days * dayMs + hours * 3_600_000).toISOString().slice(0, 16)}Z`
}

let round = 0

/** Everything that cases change is as it was made, and each slot stands as its case wants it. */
export async function prepare(sql: Sql, settings: Setting[]): Promise<void> {
  round += 1
  const teams = { own: 'home', other: 'away', none: 'away' }
  for (const { slot, on } of settings) {
    slot.word = `fault${round}x${slot.number}`
    slot.team = teams[on.team]
  }
  const rows = settings.flatMap(({ slot, person, on, status, strangeInto, follows, target }) => {
    const row = {
      ...on,
      person,
      number: slot.number,
      title: `Something ${slot.word} broke`,
      status,
      follows: follows ?? false,
      team: on.team === 'none' ? null : teams[on.team],
      target: slot.target.id,
      answer: slot.answer,
      ...{ active: true, admin: false, member: false, ...target },
    }
    const into = { ...row, number: Number(slot.into.slice(4)), title: `Beside ${slot.word}2`, status: 'OPEN' }
    return [row, strangeInto ? { ...into, relation: 'none', private: false } : into]
  })
  await sql('delete from given')
  await sql('insert into given select * from jsonb_populate_recordset(null::given, $1::jsonb)', [
    JSON.stringify(rows),
  ])
  await sql([...incidentsAnew, ...peopleAnew, ...schedulesAnew, ...noticesAnew, ...policiesAnew].join(';\n'))
}

const gone = (table: string) =>
  `delete from ${table} where incident_id in (select i.id from given s join incidents i using (number))`
const related = (table: string, column: string, where: string, relation = 's.relation') =>
  `insert into ${table} (org_id, incident_id, person_id, ${column})
    select i.org_id, i.id, s.person, ${relation} from given s join incidents i using (number)
    where s.person is not null and ${where} on conflict do nothing`
const affected = (what: string, name: string) =>
  `insert into incident_${what}s (org_id, incident_id, ${what}_id)
    select i.org_id, i.id, x.id from given s join incidents i using (number), ${what}s x where x.name = '${name}'`

const incidentsAnew = [
  gone('incident_people'),
  gone('incident_roles'),
  gone('incident_services'),
  gone('incident_customers'),
  gone('comments'),
  gone('spendings'),
  `update incidents i set title = s.title, status = s.status, priority = 'P3', private = s.private,
      reporter_id = case s.relation when 'reporter' then s.person end,
      assignee_id = case s.relation when 'assignee' then s.person end,
      team_id = (select id from teams where name = s.team), department = null, category = null,
      business_impact = '${restricted.business_impact}', customers_affected = ${restricted.customers_affected},
      merged_into = null, acknowledged_at = null, acknowledged_by = null, resolved_at = null, closed_at = null,
      version = 1
    from given s where i.number = s.number`,
  related('incident_people', 'relation', `s.relation in ('paged', 'invited', 'follower')`),
  related('incident_people', 'relation', 's.follows', `'follower'`),
  related('incident_roles', 'role', `s.relation in ('commander', 'scribe')`),
  `insert into comments (org_id, id, incident_id, visibility, body)
    select i.org_id, gen_random_uuid(), i.id, 'internal', '${restricted.internal}'
    from given s join incidents i using (number)`,
  `insert into spendings (org_id, id, incident_id, kind, amount, what)
    select i.org_id, gen_random_uuid(), i.id, 'direct', ${restricted.cost}, 'x'
    from given s join incidents i using (number)`,
  affected('service', 'api-gateway'),
  affected('customer', 'Acme'),
]

const peopleAnew = [
  `update people p set department = null, rank = 'user', admin = s.admin, active = s.active
    from given s where p.id = s.target`,
  `delete from team_members where person_id in (select target from given)`,
  `insert into team_members (org_id, team_id, person_id)
    select distinct t.org_id, t.id, s.target from given s join teams t on t.name = coalesce(s.team, 'away')
    where s.member`,
  `update deliveries d set notification = jsonb_build_object('type', 'answer',
      'route', jsonb_build_object('type', 'person', 'user', 'U0'),
      'card', jsonb_build_object('summary', s.title, 'blocks', '[]'::jsonb),
      'given', jsonb_build_object('personId', s.person, 'label', '["view_business_impact"]'::jsonb, 'askedIn',
        jsonb_build_object('workspaceId', (select id from workspaces where platform = 'slack'), 'channel', 'C0SHARE' || s.number)))
    from given s where d.id = s.answer and s.title like 'Something%'`,
]

/** Each slot's schedule has one layer, and one cover in ten days; both are its target's. */
const schedulesAnew = [
  'delete from schedules',
  `insert into schedules (org_id, id, name, team_id, time_zone)
    select i.org_id, i.id, 'rota' || s.number, (select id from teams where name = s.team), 'Europe/London'
    from given s join incidents i using (number) where s.title like 'Something%'`,
  `insert into rotations (org_id, schedule_id, position, starts_on, rotation, handoff, people)
    select r.org_id, r.id, 1, '2026-01-05', 'weekly', 'Mon 09:00', array[s.target]
    from given s join schedules r on r.name = 'rota' || s.number`,
  `insert into overrides (org_id, id, schedule_id, person_id, starts_at, ends_at)
    select r.org_id, gen_random_uuid(), r.id, s.target, '${soon(10)}', '${soon(11)}'
    from given s join schedules r on r.name = 'rota' || s.number`,
]

/** Whoever is asked about is paged for, tomorrow. */
const escalationsAnew = [
  'delete from escalations',
  `insert into escalations (org_id, id, incident_id, policy_id, policy_version, due_at)
    select i.org_id, gen_random_uuid(), i.id, p.id, p.version, tocsin_now() + interval '1 day'
    from given s join incidents i using (number) join policies p on p.name = 'quiet'
    where s.title like 'Something%' and i.status in ('OPEN', 'IN_PROGRESS')`,
]

/** Nobody has said how they are told; each slot has one page, by its target, to whoever asks. */
const noticesAnew = [
  'delete from preferences',
  `update people set phone = null, time_zone = null where phone is not null or time_zone is not null`,
  'update deliveries set page_id = null where page_id is not null',
  'delete from pages',
  ...escalationsAnew,
  `insert into pages (org_id, id, sender_id, body)
    select i.org_id, i.id, s.target, 'Come' from given s join incidents i using (number)
    where s.title like 'Something%'`,
  `insert into deliveries (org_id, id, lane_id, urgency, notification, state, page_id, person_id)
    select i.org_id, gen_random_uuid(), (select id from lanes where destination = 'private:answers' limit 1), 0,
      '{"type": "page", "page": {"why": ""}, "route": {"type": "person", "user": "U0"}}', 'sent', i.id, s.person
    from given s join incidents i using (number) where s.title like 'Something%' and s.person is not null`,
]

/** Each slot's policy is for a service that is the slot's own, so that no two tie and no incident follows one. */
const policiesAnew = [
  'delete from policies where not from_file',
  `insert into policies (org_id, id, name, service_id)
    select i.org_id, i.id, 'plan' || s.number, x.id
    from given s join incidents i using (number) join services x on x.name = 'own' || s.number
    where s.title like 'Something%'`,
  `insert into policy_versions (org_id, policy_id, version, steps)
    select org_id, id, 1, '[{"afterSeconds": 0, "notify": [{"type": "rank", "rank": "cto", "inTeam": false}], "actions": []}]'
    from policies where not from_file`,
]
