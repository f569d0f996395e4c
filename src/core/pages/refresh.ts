import { sql } from 'kysely'
import type { Tx } from '../../db/pool.ts'

/** Open pages that stand in a chat show the incident as it is now: another priority, above all. */
export const refreshPages = (tx: Tx, orgId: string, incidentId: string): Promise<unknown> =>
  sql`insert into deliveries (org_id, id, lane_id, urgency, notification, incident_id)
    select d.org_id, gen_random_uuid(), d.lane_id, 3,
      jsonb_build_object('type', 'page_update', 'delivery', d.id, 'route', d.notification -> 'route'), d.incident_id
    from pages p
    join deliveries d on d.org_id = p.org_id and d.page_id = p.id
    join lanes l on l.org_id = d.org_id and l.id = d.lane_id
    join workspaces w on w.org_id = l.org_id and w.id = l.workspace_id
    where p.org_id = ${orgId} and p.incident_id = ${incidentId} and p.closed_at is null
      and d.notification ->> 'type' = 'page' and d.state in ('sent', 'sending')
      and w.platform in ('slack', 'teams', 'console')`.execute(tx)
