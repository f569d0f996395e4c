import { sql } from 'kysely'
import type { Tx } from '../../db/pool.ts'
import type { CarrierName, PlatformName } from '../../ports/platform.ts'
import type { Preferences } from './preference.ts'

/** What the organisation says and has: its own preferences, and the carriers beside the chats. */
export type Organisation = {
  preferences: Preferences
  /** The workspace of each carrier that is there. */
  carriers: Partial<Record<CarrierName, string>>
  /** By lower-cased name. */
  webhooks: Record<string, string>
}

export async function loadOrganisation(tx: Tx, orgId: string): Promise<Organisation> {
  const { rows } = await sql<Organisation>`select
      coalesce(settings -> 'preferences', '{}') as preferences,
      (select coalesce(jsonb_object_agg(platform, id), '{}') from workspaces w
        where w.org_id = o.org_id and platform in ('email', 'sms', 'webhook')) as carriers,
      (select coalesce(jsonb_object_agg(lower(name), id), '{}') from webhooks h
        where h.org_id = o.org_id) as webhooks
    from organizations o where org_id = ${orgId}`.execute(tx)
  return rows[0]!
}

export type Account = { platform: PlatformName; workspaceId: string; user: string }

/** A person with all that a way to them may need. */
export type Recipient = {
  id: string
  name: string
  email: string | null
  phone: string | null
  timeZone: string | null
  /** The fields that the configuration file set. */
  fileFields: string[]
  own: Preferences
  /** The last seen one first. */
  accounts: Account[]
}

/** Those of them who are active. */
export async function loadRecipients(tx: Tx, orgId: string, personIds: string[]): Promise<Recipient[]> {
  const { rows } = await sql<Recipient>`select p.id, p.name, p.email, p.phone, p.time_zone as "timeZone",
      p.file_fields as "fileFields",
      jsonb_build_object('high', f.high, 'low', f.low, 'quietHours', f.quiet_hours) as own,
      (select coalesce(jsonb_agg(jsonb_build_object('platform', w.platform, 'workspaceId', w.id,
          'user', i.external_id) order by i.checked_at desc), '[]')
        from identities i join workspaces w on w.org_id = i.org_id and w.id = i.workspace_id
        where i.org_id = p.org_id and i.person_id = p.id and i.kind = 'member') as accounts
    from people p left join preferences f on f.org_id = p.org_id and f.person_id = p.id
    where p.org_id = ${orgId} and p.active and p.id = any(${personIds}::uuid[])`.execute(tx)
  return rows
}
