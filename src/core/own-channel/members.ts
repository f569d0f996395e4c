import { sql } from 'kysely'
import type { Tx } from '../../db/pool.ts'

/** As many as Slack takes in one invitation (docs.slack.dev/reference/methods/conversations.invite). */
const most = 100

/**
 * The users in a workspace of whom an incident's channel is for: its reporter, assignee and roles, and whoever was
 * paged for it or invited to it. Guests and people of another organisation are not brought in.
 */
export async function usersFor(
  tx: Tx,
  orgId: string,
  incidentId: string,
  workspaceId: string,
): Promise<string[]> {
  const { rows } = await sql<{ user: string }>`
    with involved (person_id, nearness) as (
      select unnest(array[assignee_id, acknowledged_by, reporter_id]), 0 from incidents
        where org_id = ${orgId} and id = ${incidentId}
      union all select person_id, 0 from incident_roles
        where org_id = ${orgId} and incident_id = ${incidentId}
      union all select person_id, 1 from incident_people
        where org_id = ${orgId} and incident_id = ${incidentId} and relation in ('paged', 'invited')
    )
    select i.external_id as user
    from involved
    join people p on p.org_id = ${orgId} and p.id = involved.person_id and p.active
    join identities i on i.org_id = p.org_id and i.person_id = p.id
      and i.workspace_id = ${workspaceId} and i.kind = 'member'
    group by i.external_id
    order by min(nearness), i.external_id
    limit ${most}`.execute(tx)
  return rows.map(({ user }) => user)
}
