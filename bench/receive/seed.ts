import pg from 'pg'
import { peopleInEach, userId, workspaceId, workspaces } from './requests.ts'

/**
 * The workspaces of the load, one incident for it to show and, with `known`, its people. People who are not known are
 * looked up at Slack, which does not answer here: their commands are stored and answered, and the work waits.
 */
export async function seed(url: string, known: boolean): Promise<void> {
  const owner = new pg.Client({ connectionString: url })
  await owner.connect()
  try {
    const { rows } = await owner.query<{ org_id: string }>('select org_id from organizations')
    const org = rows[0]!.org_id
    const teams = Array.from({ length: workspaces }, (_, index) => workspaceId(index))
    await owner.query(
      `insert into workspaces (org_id, id, platform, external_id, name)
       select $1, gen_random_uuid(), 'slack', t, t from unnest($2::text[]) t`,
      [org, teams],
    )
    await owner.query(
      `insert into incidents (org_id, id, number, title, description, priority)
       values ($1, gen_random_uuid(), 1, 'Checkout is down', 'Payments fail with a timeout', 'P1')`,
      [org],
    )
    if (!known) return
    const users = teams.flatMap((team, index) =>
      Array.from({ length: peopleInEach }, (_, person) => ({ team, user: userId(index, person) })),
    )
    await owner.query(
      `with made as (
         insert into people (org_id, id, name, department, rank)
         select $1, gen_random_uuid(), u, 'IT', 'oncall_engineer' from unnest($3::text[]) u
         returning id, name)
       insert into identities (org_id, workspace_id, external_id, person_id, name, kind, checked_at)
       select $1, w.id, made.name, made.id, made.name, 'member', tocsin_now()
       from unnest($2::text[], $3::text[]) as l (team, u) join made on made.name = l.u
         join workspaces w on w.external_id = l.team`,
      [org, users.map(({ team }) => team), users.map(({ user }) => user)],
    )
  } finally {
    await owner.end()
  }
}
