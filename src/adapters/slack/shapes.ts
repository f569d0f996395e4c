/** What of Slack's payloads is relied upon; everything else is let through. docs.slack.dev/reference */
import { z } from 'zod'

/** Ids, timestamps and triggers: printable and short, whatever letters Slack comes up with next. */
const id = z.string().regex(/^[\x21-\x7e]{1,255}$/)
const maybe = z.union([id, z.literal('')]).nullish()
const flag = z.union([z.boolean(), z.string()]).nullish()
const address = z.string().max(2000).nullish()
const named = z.looseObject({ id, enterprise_id: maybe, team_id: maybe }).nullish()

export const commandShape = z.looseObject({
  command: z.string().regex(/^\/[^\s]{1,64}$/),
  text: z.string().default(''),
  user_id: id,
  channel_id: id,
  team_id: maybe,
  enterprise_id: maybe,
  is_enterprise_install: flag,
  trigger_id: maybe,
  response_url: address,
})

export const eventShape = z.looseObject({
  type: z.literal('event_callback'),
  event_id: id,
  team_id: maybe,
  enterprise_id: maybe,
  context_team_id: maybe,
  is_ext_shared_channel: z.boolean().nullish(),
  authorizations: z
    .array(
      z.looseObject({ team_id: maybe, enterprise_id: maybe, user_id: maybe, is_enterprise_install: flag }),
    )
    .nullish(),
  event: z.looseObject({ type: z.string().min(1).max(100) }),
})

/** A person's own words: `message` in a direct conversation, or `app_mention`. */
export const speechShape = z.looseObject({
  type: z.enum(['message', 'app_mention']),
  user: id,
  text: z.string(),
  ts: id,
  channel: id,
  thread_ts: maybe,
  user_team: maybe,
  source_team: maybe,
  team: maybe,
})

const interaction = {
  user: z.looseObject({ id, team_id: maybe }),
  team: named,
  enterprise: named,
  is_enterprise_install: flag,
  trigger_id: maybe,
  response_url: address,
}

export const actionShape = z.looseObject({
  type: z.literal('block_actions'),
  ...interaction,
  channel: z.looseObject({ id }).nullish(),
  container: z
    .looseObject({
      message_ts: maybe,
      thread_ts: maybe,
      channel_id: maybe,
      is_ephemeral: z.boolean().nullish(),
    })
    .nullish(),
  message: z.looseObject({ ts: maybe, thread_ts: maybe }).nullish(),
  actions: z
    .array(z.looseObject({ action_id: id, action_ts: maybe, value: z.string().max(4000).nullish() }))
    .min(1)
    .max(25),
})

const inputState = z.looseObject({
  value: z.string().nullish(),
  selected_option: z.looseObject({ value: z.string() }).nullish(),
})

export const submissionShape = z.looseObject({
  type: z.literal('view_submission'),
  ...interaction,
  view: z.looseObject({
    id,
    hash: maybe,
    callback_id: z.string().max(255),
    private_metadata: z.string().max(3000).default(''),
    app_installed_team_id: maybe,
    blocks: z.array(z.looseObject({ block_id: z.string().nullish(), type: z.string() })).default([]),
    state: z.looseObject({ values: z.record(z.string(), z.record(z.string(), inputState)) }),
  }),
})

export const shortcutShape = z.looseObject({
  type: z.literal('shortcut'),
  ...interaction,
  callback_id: z.string().max(255),
})

export type SlackCommand = z.infer<typeof commandShape>
export type SlackEvent = z.infer<typeof eventShape>
export type SlackSpeech = z.infer<typeof speechShape>
export type SlackAction = z.infer<typeof actionShape>
export type SlackSubmission = z.infer<typeof submissionShape>
export type SlackShortcut = z.infer<typeof shortcutShape>
