import { z } from 'zod'
import { priorities } from '../incidents.ts'
import { ranks } from '../permissions.ts'
import { place, words } from './parts.ts'

/** The sections that later capabilities bring: checked for shape now, kept for them. */

export const duration = z
  .string('must be a duration such as 45s, 5m, 2h or 1d')
  .regex(/^\d{1,6}(s|m|h|d)$/, 'must be a duration such as 45s, 5m, 2h or 1d')
const clock = z
  .string('must be a time such as "18:00", quoted')
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as "18:00", quoted')
const kinds = ['schedule', 'rank', 'person', 'team', 'channel', 'webhook'] as const
const target = z
  .strictObject({
    schedule: words(60).optional(),
    rank: z.enum(ranks).optional(),
    in: z.literal('team').optional(),
    person: z.string().trim().toLowerCase().optional(),
    team: words(60).optional(),
    channel: place.optional(),
    webhook: words(60).optional(),
  })
  .refine(
    (given) => kinds.filter((kind) => given[kind] !== undefined).length === 1,
    `must be exactly one of ${kinds.join(', ')}`,
  )
  .refine((given) => !given.in || given.rank, 'has in, which narrows a rank')

export const policy = z.strictObject({
  name: words(60),
  when: z
    .strictObject({
      priority: z.enum(priorities).optional(),
      team: words(60).optional(),
      category: words(60).optional(),
      department: z.string().trim().optional(),
      service: words(80).optional(),
    })
    .default({}),
  steps: z
    .array(
      z.strictObject({
        after: duration,
        notify: z.array(target).default([]),
        do: z.array(z.strictObject({ raise_priority: z.enum(priorities) })).default([]),
      }),
    )
    .min(1, 'must have at least one step'),
  repeat: z.number('must be a number').int().min(0).max(100).default(0),
  nobody: target.optional(),
  acknowledged_for: duration.optional(),
})

const routes = z.array(z.strictObject({ route: z.enum(['chat', 'sms', 'email']), after: duration }))
export const preferences = z.strictObject({
  high: routes.optional(),
  low: routes.optional(),
  quiet_hours: z.strictObject({ from: clock, to: clock }).optional(),
})

export const webhook = z.strictObject({
  name: words(60),
  url: z.string().regex(/^https?:\/\/\S+$/, 'must be a URL'),
  secret: z.string().min(1, 'must not be empty'),
  events: z.array(z.string()).default([]),
})

/** Where a service's logs, checks and restart are: each connector checks its own options when it comes. */
const connector = z.record(z.string(), z.unknown())
export const logs = connector
export const checks = z.array(z.looseObject({ name: words(60) }))
export const restart = connector
