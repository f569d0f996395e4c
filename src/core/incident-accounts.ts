import { sql } from 'kysely'
import type { Tx } from '../db/pool.ts'

/** As many users as Teams takes for one card (learn.microsoft.com/microsoftteams, "User Specific Views"). */
const mostViewers = 60
/** As many as Slack takes in one invitation (docs.slack.dev/reference/methods/conversations.invite). */
const mostInvited = 100

/**
 * The users of a Teams workspace who are on an incident (its reporter, assignee, roles, those it called or who follow
 * it, and its team); none where the platform has no views of their own.
 */
export const viewersOf = (tx: Tx, orgId: string, incidentId: string, workspaceId: string) =>
  accountsOn(tx, orgId, incidentId, workspaceId, {
    relations: ['paged', 'invited', 'follower'],
    team: true,
    platforms: ['teams'],
    most: mostViewers,
  })

/**
 * The users in a workspace of whom an incident's channel is for: its reporter, assignee and roles, and whoever was
 * paged for it or invited to it. Guests and people of another organisation are not brought in.
 */
export const usersFor = (tx: Tx, orgId: string, incidentId: string, workspaceId: string) =>
  accountsOn(tx, orgId, incidentId, workspaceId, { relations: ['paged', 'invited'], most: mostInvited })

type Which = { relations: string[]; team?: boolean; platforms?: string[]; most: number }

/** Active people's accounts, those nearest to the incident first. */
async function accountsOn(
  tx: Tx,
  orgId: string,
  incidentId: string,
  workspaceId: string,
  { relations, team = false, platforms, most }: Which,
): Promise<string[]> {
  const { rows } = await sql<{ user: string }>`
    with involved (person_id, nearness) as (
      select unnest(array[assignee_id, acknowledged_by, reporter_id]), 0 from incidents
        where org_id = ${orgId} and id = ${incidentId}
      union all select person_id, 0 from incident_roles
        where org_id = ${orgId} and incident_id = ${incidentId}
      union all select person_id, 1 from incident_people
        where org_id = ${orgId} and incident_id = ${incidentId} and relation = any(${relations}::text[])
      ${
        team
          ? sql`union all select m.person_id, 2 from incidents i
              join team_members m on m.org_id = i.org_id and m.team_id = i.team_id
              where i.org_id = ${orgId} and i.id = ${incidentId}`
          : sql``
      }
    )
    select i.external_id as user
    from workspaces w
    join identities i on i.org_id = w.org_id and i.workspace_id = w.id and i.kind = 'member'
    join involved on involved.person_id = i.person_id
    join people p on p.org_id = i.org_id and p.id = i.person_id and p.active
    where w.org_id = ${orgId} and w.id = ${workspaceId}
      ${platforms ? sql`and w.platform = any(${platforms}::text[])` : sql``}
    group by i.external_id
    order by min(nearness), i.external_id
    limit ${most}`.execute(tx)
  return rows.map(({ user }) => user)
}
