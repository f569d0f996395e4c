import { z } from 'zod'
import { readDuration } from '../duration.ts'
import { priorities } from '../incidents.ts'
import { ranks } from '../permissions.ts'
import type { WrittenAction, WrittenAssignee, WrittenPolicy, WrittenTarget } from '../policies/written.ts'
import { duration } from './later-schema.ts'
import { place, words } from './parts.ts'

/** The file's `policies`. */

const email = z.string('must be text').trim().toLowerCase()
const bounded = duration.refine((text) => readDuration(text) !== undefined, 'must be at most 366d')
const kinds = ['schedule', 'rank', 'person', 'team', 'channel', 'webhook'] as const
const target = z
  .strictObject({
    schedule: words(60).optional(),
    rank: z.enum(ranks).optional(),
    in: z.literal('team').optional(),
    person: email.optional(),
    team: words(60).optional(),
    channel: place.optional(),
    webhook: words(60).optional(),
  })
  .refine(
    (given) => kinds.filter((kind) => given[kind] !== undefined).length === 1,
    `must be exactly one of ${kinds.join(', ')}`,
  )
  .refine((given) => !given.in || given.rank, 'has in, which narrows a rank')

const action = z
  .strictObject({
    raise_priority: z.enum(priorities).optional(),
    assign: z
      .strictObject({ person: email.optional(), schedule: words(60).optional() })
      .refine(({ person, schedule }) => !person !== !schedule, 'must be one person or one schedule')
      .optional(),
    open_channel: z.boolean('must be true').refine(Boolean, 'must be true').optional(),
  })
  .refine(
    (given) => Object.values(given).filter((value) => value !== undefined).length === 1,
    'must be exactly one of raise_priority, assign, open_channel',
  )

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
        after: bounded,
        notify: z.array(target).default([]),
        do: z.array(action).default([]),
      }),
    )
    .min(1, 'must have at least one step')
    .max(50, 'must have at most 50 steps'),
  repeat: z.number('must be a number').int('must be a whole number').min(0).max(100).default(0),
  nobody: target.optional(),
  acknowledged_for: bounded.refine((text) => readDuration(text) !== 0, 'must be more than 0s').optional(),
})

export type PolicyEntry = z.infer<typeof policy>
export type TargetEntry = z.infer<typeof target>
export type ActionEntry = z.infer<typeof action>

/** The same as people write it; a place on two platforms is two targets. */
export function writtenEntry(entry: PolicyEntry): WrittenPolicy {
  const { name, when, steps, repeat, nobody, acknowledged_for } = entry
  return {
    name,
    when,
    steps: steps.map((step) => ({
      afterSeconds: readDuration(step.after)!,
      notify: step.notify.flatMap(writtenTargets),
      actions: step.do.map(writtenAction),
    })),
    repeats: repeat,
    ...(nobody && { nobody: writtenTargets(nobody)[0]! }),
    ...(acknowledged_for && { acknowledgedForSeconds: readDuration(acknowledged_for)! }),
  }
}

function writtenTargets(given: TargetEntry): WrittenTarget[] {
  if (given.rank) return [{ type: 'rank', rank: given.rank, inTeam: given.in === 'team' }]
  const places = given.channel
  if (places) {
    return (['slack', 'teams', 'console'] as const).flatMap((platform) => {
      const channel = places[platform]
      return channel ? [{ type: 'channel', platform, channel }] : []
    })
  }
  return (['schedule', 'person', 'team', 'webhook'] as const).flatMap((type) => {
    const name = given[type]
    return name ? [{ type, name }] : []
  })
}

function writtenAction({ raise_priority, assign }: ActionEntry): WrittenAction {
  if (raise_priority) return { type: 'raise_priority', to: raise_priority }
  if (assign) return { type: 'assign', to: writtenTargets(assign)[0] as WrittenAssignee }
  return { type: 'open_channel' }
}
