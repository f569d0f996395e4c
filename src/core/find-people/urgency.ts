import { type RawBuilder, sql } from 'kysely'
import type { OrgTx } from '../../db/pool.ts'
import { loadSchedules } from '../schedules/load.ts'
import { whoIsOnCall } from '../schedules/schedule.ts'
import { minute } from '../schedules/zone.ts'

/**
 * How soon a person (`p`) may be paged, for an ORDER BY: whoever is on call, those in schedules and those whom a
 * policy names, whoever leads, administers or takes shifts, then everybody else.
 */
export async function byUrgency(scope: OrgTx): Promise<RawBuilder<number>> {
  const { orgId } = scope
  const onCall = await onCallNow(scope)
  return sql<number>`case
    when p.id = any(${onCall}::uuid[]) then 0
    when p.id in (
      select unnest(people) from rotations where org_id = ${orgId}
      union select person_id from overrides where org_id = ${orgId} and ends_at > tocsin_now()
    ) then 1
    when p.id::text in (select target ->> 'personId' from (${targets(orgId)}) t)
      or p.rank in (select target ->> 'rank' from (${targets(orgId)}) t)
      or p.id in (select m.person_id from team_members m where m.org_id = ${orgId}
        and m.team_id::text in (select target ->> 'teamId' from (${targets(orgId)}) t)) then 2
    when p.admin or p.rank not in ('viewer', 'user') then 3
    else 4 end`
}

/** Whom the steps of the standing policies page, and whom they tell when nobody answers. */
const targets = (orgId: string): RawBuilder<unknown> => sql`
  select target from policies y
  join policy_versions v on v.org_id = y.org_id and v.policy_id = y.id and v.version = y.version
  cross join lateral (select jsonb_path_query(v.steps, '$[*].notify[*]') as target union all select v.nobody) t
  where y.org_id = ${orgId} and y.removed_at is null`

async function onCallNow({ tx, orgId, now }: OrgTx): Promise<string[]> {
  const schedules = await loadSchedules(tx, orgId, { from: now, until: new Date(now.getTime() + minute) })
  return schedules.flatMap((schedule) => whoIsOnCall(schedule, now) ?? [])
}
