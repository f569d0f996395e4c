import { z } from 'zod'
import type { Tx } from '../../db/pool.ts'
import { priorities } from '../incidents.ts'
import { ranks } from '../permissions.ts'

/** Above it spending needs two people (product.md, "What the agent can do"); in the organisation's currency. */
export const defaultSpendingLimit = 10_000

const schema = z.object({
  email_domains: z.array(z.string()).default([]),
  spending_limit: z.number().default(defaultSpendingLimit),
  group_roles: z
    .array(
      z.object({
        slack_group: z.string().optional(),
        teams_group: z.string().optional(),
        department: z.string().optional(),
        rank: z.enum(ranks).optional(),
      }),
    )
    .default([]),
  incident_channels: z.enum(['always', 'never', ...priorities]).default('never'),
  /** `platform:external id` → person id, from `people[].on`. */
  identities: z.record(z.string(), z.string()).default({}),
  /** Sections that later capabilities read: as they stand in the file, references to secrets unresolved. */
  later: z.record(z.string(), z.unknown()).default({}),
})

/** What organizations.settings holds, with its defaults. Keys that the file does not set are absent there. */
export type Settings = {
  emailDomains: string[]
  spendingLimit: number
  groupRoles: z.infer<typeof schema>['group_roles']
  incidentChannels: z.infer<typeof schema>['incident_channels']
  identities: Record<string, string>
  later: Record<string, unknown>
}

export const toSettings = (stored: unknown): Settings => {
  const settings = schema.parse(stored ?? {})
  return {
    emailDomains: settings.email_domains,
    spendingLimit: settings.spending_limit,
    groupRoles: settings.group_roles,
    incidentChannels: settings.incident_channels,
    identities: settings.identities,
    later: settings.later,
  }
}

export async function readSettings(tx: Tx, orgId: string): Promise<Settings> {
  const { settings } = await tx
    .selectFrom('organizations')
    .select('settings')
    .where('org_id', '=', orgId)
    .executeTakeFirstOrThrow()
  return toSettings(settings)
}
