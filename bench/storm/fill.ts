import pg from 'pg'
import type { Organization } from '../support/organization.ts'

/** As many teams, each with a lead: a storm that concerns a thousand people, not one person a thousand times. */
export const teams = 1_000

/** `count` open incidents, each escalating by the built-in policy, its next step a day from now. */
export async function fillEscalations(url: string, { orgId, workspace }: Organization, count: number) {
  const owner = new pg.Client({ connectionString: url })
  await owner.connect()
  try {
    await owner.query('set session_replication_role = replica')
    await owner.query(
      `with made as (
         insert into teams (org_id, id, name) select $1, uuidv7(), 'team ' || n from generate_series(1, $3::int) n
         returning id, name
       ), leads as (
         insert into people (org_id, id, name, rank)
         select $1, uuidv7(), 'Lead of ' || name, 'team_lead' from made returning id, name
       ), placed as (
         insert into team_members (org_id, team_id, person_id)
         select $1, made.id, leads.id from made join leads on leads.name = 'Lead of ' || made.name
       )
       insert into identities (org_id, workspace_id, external_id, person_id, name, kind, checked_at)
       select $1, $2, 'U' || row_number() over (), id, name, 'member', tocsin_now() from leads`,
      [orgId, workspace.id, teams],
    )
    await owner.query(
      `with t as (select array_agg(id) as ids from teams where org_id = $1), made as (
         insert into incidents (org_id, id, number, title, priority, team_id)
         select $1, uuidv7(), n, 'Checkout is down ' || n, 'P2', t.ids[1 + n % $3::int]
         from generate_series(1, $2::int) n, t returning id
       )
       insert into escalations (org_id, id, incident_id, due_at)
       select $1, uuidv7(), id, tocsin_now() + interval '1 day' from made`,
      [orgId, count, teams],
    )
    // Messages of the last days, settled: what a tick must not read.
    await owner.query(
      `with lane as (
         insert into lanes (org_id, id, workspace_id, destination) values ($1, uuidv7(), $2, 'channel:C0BENCH')
         returning id
       )
       insert into deliveries (org_id, id, lane_id, urgency, notification, incident_id, state, settled_at)
       select $1, uuidv7(), lane.id, 2, '{"type":"incident_card"}', i.id, 'sent', now() from incidents i, lane`,
      [orgId, workspace.id],
    )
    await owner.query('update organizations set last_incident = $1', [count])
  } finally {
    await owner.end()
  }
}

/**
 * Lets those of one thousand incidents, one a team, fall due at one instant two seconds from now.
 * @returns that instant in milliseconds of this machine's clock, which is the database's too.
 */
export async function letFallDue(client: pg.Client, round: number): Promise<number> {
  const { rows } = await client.query<{ at: Date; changed: number }>(
    `with due as (
       update escalations e set due_at = date_trunc('second', tocsin_now()) + interval '3 seconds'
       from incidents i where i.org_id = e.org_id and i.id = e.incident_id
         and i.number > $1::int and i.number <= $1::int + $2::int
       returning e.due_at
     ) select max(due_at) as at, count(*)::int as changed from due`,
    [round * teams, teams],
  )
  if (rows[0]!.changed !== teams)
    throw new Error(`${rows[0]!.changed} escalations instead of ${teams} fall due`)
  return rows[0]!.at.getTime()
}
