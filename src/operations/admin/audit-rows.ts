import { sql } from 'kysely'
import { parseKey } from '../../core/incidents.ts'
import type { Requirement } from '../../core/labels.ts'
import type { Scope } from '../define.ts'

export type AuditRow = {
  at: Date
  actor: string
  actor_id: string | null
  surface: string
  operation: string
  outcome: string
  key: string | null
  subject: string | null
  old: Record<string, unknown> | null
  new: Record<string, unknown> | null
  label: Requirement[]
}

/** Subjects that end in a key which code wrote: any other may be a name, and names are people's own choice. */
const ours = sql`(a.outcome = 'denied' or a.operation in ('follow', 'unfollow'))`

/**
 * The audit log's rows that the asker may read, newest first: every permission of a row's label is theirs, and what is
 * about a private incident (a refusal names it in its subject) needs access_private.
 * @param text an incident's key, or words that stand in the actor, the subject, the operation or the values.
 */
export async function readableAudit(
  scope: Scope,
  text: string | undefined,
  page: { most: number; skip?: number },
): Promise<AuditRow[]> {
  const { tx, orgId, standing } = scope
  const held = [...standing.holdings.keys()]
  const number = text ? parseKey(text) : undefined
  const words = text?.replace(/^@/, '').toLowerCase() ?? ''
  const matches =
    number !== undefined
      ? sql`i.number = ${number}`
      : words
        ? sql`(strpos(lower(a.actor), ${words}) > 0 or strpos(lower(a.subject), ${words}) > 0
            or strpos(lower(a.operation), ${words}) > 0 or strpos(lower(replace(a.operation, '_', ' ')), ${words}) > 0
            or strpos(lower(a.new::text), ${words}) > 0 or strpos(lower(a.old::text), ${words}) > 0)`
        : sql`true`
  const { rows } = await sql<AuditRow>`
    select a.at, a.actor, a.actor_id, a.surface, a.operation, a.outcome, i.key, a.subject, a.old, a.new,
      case when i.private then a.label || ('access_private:' || i.id) else a.label end as label
    from audit a
    left join lateral (select id, key, number, private from incidents i
      where i.org_id = a.org_id and case when a.incident_id is null
        then ${ours} and i.number = substring(a.subject from 'INC-0*([1-9][0-9]{0,8})$')::integer
        else i.id = a.incident_id end limit 1) i on true
    where a.org_id = ${orgId} and ${matches}
      and not exists (select from unnest(a.label) needed where split_part(needed, ':', 1) <> all(${held}))
      and (i.private is not true or ${standing.holdings.has('access_private')})
    order by a.recorded_at desc, a.id desc limit ${page.most} offset ${page.skip ?? 0}`.execute(tx)
  return rows
}
