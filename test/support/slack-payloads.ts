/** What Slack sends, for the stand-in's people to send it. */
import { createHmac } from 'node:crypto'
import type { SlackMessage, SlackView } from './slack-state.ts'

export const sign = (body: string, secret: string, timestamp = Math.floor(Date.now() / 1000)) => ({
  'x-slack-request-timestamp': String(timestamp),
  'x-slack-signature': `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`,
})

export const form = (fields: Record<string, string>): string => new URLSearchParams(fields).toString()
export const formOf = (payload: unknown): string => form({ payload: JSON.stringify(payload) })

export type Who = { user: string; team: string; home: string }

export const commandForm = (
  who: Who,
  fields: { command: string; text: string; channel: string; trigger: string; responseUrl: string },
): string =>
  form({
    token: 'deprecated',
    team_id: who.team,
    team_domain: 'example',
    channel_id: fields.channel,
    channel_name: fields.channel.startsWith('D') ? 'directmessage' : 'general',
    user_id: who.user,
    user_name: who.user.toLowerCase(),
    command: fields.command,
    text: fields.text,
    api_app_id: 'A0TOCSIN',
    is_enterprise_install: 'false',
    response_url: fields.responseUrl,
    trigger_id: fields.trigger,
  })

export const event = (who: Who, id: string, bot: string, inner: Record<string, unknown>) => ({
  token: 'deprecated',
  team_id: who.team,
  context_team_id: who.team,
  api_app_id: 'A0TOCSIN',
  type: 'event_callback',
  event_id: id,
  event_time: Math.floor(Date.now() / 1000),
  authorizations: [{ enterprise_id: null, team_id: who.team, user_id: bot, is_bot: true }],
  is_ext_shared_channel: who.home !== who.team,
  event: { user: who.user, team: who.home, user_team: who.home, ...inner },
})

const sides = (who: Who) => ({
  user: { id: who.user, name: who.user.toLowerCase(), team_id: who.home },
  team: { id: who.team, domain: 'example' },
  enterprise: null,
  is_enterprise_install: false,
  api_app_id: 'A0TOCSIN',
  token: 'deprecated',
})

export const click = (
  who: Who,
  message: SlackMessage,
  button: { action_id: string; value?: string; block_id?: string; text?: unknown },
  ids: { trigger: string; responseUrl: string; at: string },
) => ({
  type: 'block_actions',
  ...sides(who),
  container: {
    type: 'message',
    message_ts: message.ts,
    channel_id: message.channel,
    is_ephemeral: message.ephemeralTo !== undefined,
    ...(message.thread_ts && { thread_ts: message.thread_ts }),
  },
  trigger_id: ids.trigger,
  channel: { id: message.channel, name: message.channel.startsWith('D') ? 'directmessage' : 'general' },
  message: {
    type: 'message',
    ts: message.ts,
    text: message.text,
    blocks: message.blocks,
    ...(message.thread_ts && { thread_ts: message.thread_ts }),
  },
  response_url: ids.responseUrl,
  actions: [{ type: 'button', block_id: 'actions', action_ts: ids.at, ...button }],
})

export const submission = (who: Who, view: SlackView, values: Record<string, string>, trigger: string) => {
  const state: Record<string, Record<string, unknown>> = {}
  for (const block of view.blocks) {
    if (block.type !== 'input') continue
    const given = values[block.block_id] ?? values[block.label.text]
    const { type, action_id: action, initial_value: initial, initial_option: option } = block.element
    const value = given ?? initial ?? option?.value ?? null
    state[block.block_id] = {
      [action]:
        type === 'static_select'
          ? {
              type,
              selected_option: value === null ? null : { value, text: { type: 'plain_text', text: value } },
            }
          : { type, value },
    }
  }
  return {
    type: 'view_submission',
    ...sides(who),
    trigger_id: trigger,
    view: { ...view, team_id: who.team, app_installed_team_id: who.team, state: { values: state } },
    response_urls: [],
  }
}
