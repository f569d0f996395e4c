import { sql } from 'kysely'
import type { Tx } from '../../db/pool.ts'

export type Closing = {
  as: 'acknowledged' | 'ended'
  /** The person who did it. */
  by?: string
  /** Business time. */
  at: Date
}

/**
 * Ends open pages: what was not sent yet is withdrawn, what is being sent is not tried again, and every message that
 * stands or may yet arrive in a chat is brought up to date. E-mails and text messages stay as they are. One statement,
 * so that an acknowledgement in the middle of a storm waits for nothing else.
 *
 * An update goes into its page's own lane behind it: it is never sent before the page.
 * @returns the pages that it closed; those that were closed before are left alone.
 */
export async function closePages(
  tx: Tx,
  orgId: string,
  where: { pageId: string } | { incidentId: string },
  { as, by, at }: Closing,
): Promise<string[]> {
  const which =
    'pageId' in where ? sql`id = ${where.pageId}::uuid` : sql`incident_id = ${where.incidentId}::uuid`
  const { rows } = await sql<{ id: string }>`
    with closed as (
      update pages set closed_at = ${at}, closed_by = ${by ?? null}::uuid, closed_as = ${as}
      where org_id = ${orgId} and ${which} and closed_at is null
      returning id
    ), stopped as (
      update deliveries d set
        state = case when d.state = 'sending' then d.state else 'withdrawn' end,
        cancelled = d.cancelled or d.state = 'sending',
        error = case when d.state = 'sending' then d.error else ${as} end,
        settled_at = case when d.state = 'sending' then null else clock_timestamp() end
      from closed c
      where d.org_id = ${orgId} and d.page_id = c.id and d.state in ('waiting', 'queued', 'sending')
      returning d.id, d.state
    ), updates as (
      insert into deliveries (org_id, id, lane_id, urgency, notification, incident_id)
      select d.org_id, gen_random_uuid(), d.lane_id, 3,
        jsonb_build_object('type', 'page_update', 'delivery', d.id, 'route', d.notification -> 'route'),
        d.incident_id
      from closed c
      join deliveries d on d.org_id = ${orgId} and d.page_id = c.id
      join lanes l on l.org_id = d.org_id and l.id = d.lane_id
      join workspaces w on w.org_id = l.org_id and w.id = l.workspace_id
      where d.notification ->> 'type' = 'page' and d.state not in ('dead', 'withdrawn')
        and w.platform in ('slack', 'teams', 'console')
        and not exists (select from stopped s where s.id = d.id and s.state = 'withdrawn')
    )
    select id from closed`.execute(tx)
  return rows.map((row) => row.id)
}

/** Whoever lost their access is told nothing any more, not by what waits either. */
export const withdrawPages = (tx: Tx, orgId: string, personId: string): Promise<unknown> =>
  sql`update deliveries set
      state = case when state = 'sending' then state else 'withdrawn' end,
      cancelled = cancelled or state = 'sending',
      error = case when state = 'sending' then error else 'deactivated' end,
      settled_at = case when state = 'sending' then null else clock_timestamp() end
    where org_id = ${orgId} and person_id = ${personId} and page_id is not null
      and state in ('waiting', 'queued', 'sending')`.execute(tx)
