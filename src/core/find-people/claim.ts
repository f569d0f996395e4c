import { type RawBuilder, sql } from 'kysely'
import type { OrgTx, Tx } from '../../db/pool.ts'
import { uuid } from '../../db/uuid.ts'
import type { WorkspaceRef } from '../../ports/platform.ts'
import { byUrgency } from './urgency.ts'

/** A person who has no account in the workspace, and what to ask it for. */
export type Search = {
  personId: string
  /** The account that the configuration file names. */
  account: string | null
  /** Lower-cased, of a trusted domain. */
  email: string | null
}
export type ClaimedSearches = { leaseId: string; searches: Search[] }

/**
 * So many questions at once, then one each so many seconds: never more than forty in a minute, whichever they are.
 * Slack allows about fifty for users.lookupByEmail (docs.slack.dev/apis/web-api/rate-limits, tier 3).
 */
export const pace = { atOnce: 10, everySeconds: 2 }
/** What a dead process left is asked again after this, and so is a person about whom the platform gave an error. */
const leaseSeconds = 60

/**
 * Takes the people whom it is time to look for in a workspace, as many as its pace allows, the most urgent first. The
 * workspace's row is locked meanwhile: each person is asked for once and the pace is one, however many replicas ask.
 * @param byEmail whether the platform lets people be found by their address.
 */
export async function claimSearches(
  scope: OrgTx,
  workspace: WorkspaceRef,
  byEmail: boolean,
): Promise<ClaimedSearches | undefined> {
  const { tx, orgId } = scope
  const free = await freeQuestions(tx, workspace)
  const among = missing(workspace, byEmail, scope.now)
  if (free < 1 || !(await isAnybodyMissing(tx, among))) return undefined
  const leaseId = uuid()
  const { rows: searches } = await sql<Search>`
    with ${among}, taken as (
      insert into person_searches (org_id, workspace_id, person_id, sought, lease_id, lease_until)
      select ${orgId}, ${workspace.id}, m.person_id, m.sought, ${leaseId},
        now() + make_interval(secs => ${leaseSeconds})
      from missing m join people p on p.org_id = ${orgId} and p.id = m.person_id
      order by ${await byUrgency(scope)}, p.created_at, p.id limit ${free}
      on conflict (org_id, workspace_id, person_id) do update set sought = excluded.sought,
        lease_id = excluded.lease_id, lease_until = excluded.lease_until, again_at = '-infinity'
      returning person_id)
    select m.person_id as "personId", m.account, m.email from taken join missing m using (person_id)`.execute(
    tx,
  )
  if (!searches.length) return undefined
  await sql`update workspaces
    set lookups_until = greatest(lookups_until, now()) + make_interval(secs => ${searches.length * pace.everySeconds})
    where org_id = ${orgId} and id = ${workspace.id}`.execute(tx)
  return { leaseId, searches }
}

/** None while another replica takes some. */
async function freeQuestions(tx: Tx, { orgId, id }: WorkspaceRef): Promise<number> {
  const { rows } = await sql<{ free: number }>`
    select ${pace.atOnce} - ceil(extract(epoch from greatest(lookups_until, now()) - now())
      / ${pace.everySeconds})::integer as free
    from workspaces where org_id = ${orgId} and id = ${id} for no key update skip locked`.execute(tx)
  return rows[0]?.free ?? 0
}

async function isAnybodyMissing(tx: Tx, among: RawBuilder<unknown>): Promise<boolean> {
  const { rows } = await sql`with ${among} select from missing limit 1`.execute(tx)
  return rows.length > 0
}

/** Active people whom the workspace could know by what is known of them, and who are not being looked for or waiting. The clock is read
 * once: tocsin_now() a row made it four times as slow. */
const missing = (
  { orgId, id, platform }: WorkspaceRef,
  byEmail: boolean,
  now: Date,
): RawBuilder<unknown> => sql`
  settings as materialized (
    select coalesce(settings -> 'identities', '{}') as identities,
      array(select jsonb_array_elements_text(settings -> 'email_domains')) as domains
    from organizations where org_id = ${orgId}
  ), named as materialized (
    select value as person, min(substr(key, ${platform.length + 2}::integer)) as account
    from settings, jsonb_each_text(identities) where starts_with(key, ${`${platform}:`}) group by value
  ), known as materialized (
    select p.id as person_id, n.account,
      case when ${byEmail} and lower(p.email) ~ '^[^@[:space:]]+@[^@[:space:]]+$'
        and split_part(lower(p.email), '@', 2) = any(s.domains) then lower(p.email) end as email
    from settings s cross join people p left join named n on n.person = p.id::text
    where p.org_id = ${orgId} and p.active and not exists (select from identities i
      where i.org_id = p.org_id and i.person_id = p.id and i.workspace_id = ${id} and i.kind = 'member')
  ), missing as materialized (
    select k.*, concat_ws(' ', k.account, k.email) as sought from known k
    where coalesce(k.account, k.email) is not null and not exists (select from person_searches s
      where s.org_id = ${orgId} and s.workspace_id = ${id} and s.person_id = k.person_id
        and (s.lease_until > now()
          or (s.again_at > ${now} and s.sought = concat_ws(' ', k.account, k.email))))
  )`
