import { z } from 'zod'
import { priorities } from '../incidents.ts'
import { permissions, personas, ranks } from '../permissions.ts'
import { checks, logs, restart } from './later-schema.ts'
import { channelId, place, words } from './parts.ts'
import { policy } from './policy-schema.ts'
import { preferences } from './preferences-schema.ts'
import { schedule } from './schedule-schema.ts'
import { webhook } from './webhook-schema.ts'

const email = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[^\s@<>,;]+@[^\s@.<>,;]+(\.[^\s@.<>,;]+)+$/, 'must be an e-mail address')
const domain = z
  .string()
  .trim()
  .toLowerCase()
  .regex(
    /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])$/,
    'must be a domain such as example.com, without @ or *',
  )
const timeZone = z.string().refine(isTimeZone, 'must be a time zone such as Europe/London')
const phone = z
  .string()
  .transform((text) => text.replaceAll(/[\s()./-]/g, ''))
  .pipe(z.string().regex(/^\+[1-9]\d{6,14}$/, 'must be a telephone number such as +441632960000, quoted'))
const account = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(200)
  .regex(/^\S+$/, 'must be the platform’s id')

const department = z.strictObject({
  name: z
    .string()
    .trim()
    .regex(/^[A-Za-z][A-Za-z0-9_-]{0,30}$/, 'must be one word of letters and digits'),
  persona: z.enum(personas).default('InfoBot'),
  permissions: z.array(z.enum(permissions)).min(1, 'must name at least one permission'),
})

const team = z.strictObject({ name: words(60), channel: place.optional() })

const person = z.strictObject({
  name: words(80),
  email: email.optional(),
  phone: phone.optional(),
  time_zone: timeZone.optional(),
  department: z.string().trim().optional(),
  rank: z.enum(ranks).optional(),
  admin: z.boolean('must be true or false').optional(),
  teams: z.array(words(60)).optional(),
  on: z
    .strictObject({ slack: account.optional(), teams: account.optional(), console: account.optional() })
    .optional(),
})

const service = z.strictObject({
  name: words(80),
  team: words(60).optional(),
  critical: z.boolean('must be true or false').default(false),
  cost_per_minute: z.number('must be a number').nonnegative().max(999_999_999).optional(),
  logs: logs.optional(),
  checks: checks.optional(),
  restart: restart.optional(),
})

const customer = z.strictObject({
  name: words(120),
  contact: words(200).optional(),
  services: z.array(words(80)).default([]),
  sla: z
    .strictObject({
      response_minutes: z.number('must be a number').positive().optional(),
      resolution_minutes: z.number('must be a number').positive().optional(),
      penalty: z.number('must be a number').nonnegative().optional(),
    })
    .optional(),
})

const groupRole = z
  .strictObject({
    slack_group: account.optional(),
    teams_group: account.optional(),
    department: z.string().trim().optional(),
    rank: z.enum(ranks).optional(),
    admin: z
      .unknown()
      .refine((value) => value === undefined, 'cannot come from a group: name administrators under people')
      .optional(),
  })
  .refine((role) => role.slack_group || role.teams_group, 'must name a slack_group or a teams_group')
  .refine((role) => role.department || role.rank, 'must give a department or a rank')

const channel = z
  .strictObject({
    slack: channelId.optional(),
    teams: channelId.optional(),
    console: account.optional(),
    clearance: z.array(z.enum(permissions)),
  })
  .refine((row) => row.slack || row.teams || row.console, 'must name a channel: slack or teams')

/** The whole file; an absent section is an empty one. Every unknown key is an error. */
export const configurationSchema = z.strictObject({
  organization: words(120).optional(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be a currency of three capitals such as USD')
    .optional(),
  email_domains: z.array(domain).default([]),
  spending_limit: z.number('must be a number').positive('must be more than 0').optional(),
  departments: z.array(department).default([]),
  teams: z.array(team).default([]),
  people: z.array(person).default([]),
  categories: z.array(z.strictObject({ name: words(60), department: z.string().trim() })).default([]),
  services: z.array(service).default([]),
  customers: z.array(customer).default([]),
  group_roles: z.array(groupRole).default([]),
  incident_channels: z.strictObject({ when: z.enum(['always', 'never', ...priorities]) }).optional(),
  incident_channel: place.optional(),
  channels: z.array(channel).default([]),
  policies: z.array(policy).default([]),
  schedules: z.array(schedule).default([]),
  preferences: preferences.optional(),
  webhooks: z.array(webhook).default([]),
})

export type Configuration = z.infer<typeof configurationSchema> & {
  /** Sections that later capabilities read, as they stand in the file: references to secrets unresolved. */
  later: Record<string, unknown>
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
