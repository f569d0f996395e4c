import { sql } from 'kysely'
import type { Tx } from '../db/pool.ts'

/** As many users as Teams takes for one card (learn.microsoft.com/microsoftteams, "User Specific Views"). */
const most = 60

/**
 * The users of a Teams workspace who are on an incident (its reporter, assignee, roles, those it called or who follow
 * it, and its team); none where the platform has no views of their own.
 */
export async function viewersOf(
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
        where org_id = ${orgId} and incident_id = ${incidentId}
      union all select m.person_id, 2 from incidents i
        join team_members m on m.org_id = i.org_id and m.team_id = i.team_id
        where i.org_id = ${orgId} and i.id = ${incidentId}
    )
    select i.external_id as user
    from workspaces w
    join identities i on i.org_id = w.org_id and i.workspace_id = w.id
    join involved on involved.person_id = i.person_id
    where w.org_id = ${orgId} and w.id = ${workspaceId} and w.platform = 'teams' and i.kind = 'member'
    group by i.external_id
    order by min(nearness), i.external_id
    limit ${most}`.execute(tx)
  return rows.map(({ user }) => user)
}
