/** What Slack's servers would know: users, channels, messages by their ts, modals, triggers and response addresses. */
import type { KitButton } from './slack-blocks.ts'

type Json = Record<string, unknown>

export type SlackMessage = {
  channel: string
  ts: string
  thread_ts?: string
  text: string
  blocks?: unknown
  user: string
  metadata?: Json
  /** Only this user sees it. */
  ephemeralTo?: string
  /** The response address it came through. */
  hook?: string
  /** How often it was changed. */
  edits: number
  /** Rises with everything said, for telling what came later. */
  order: number
  streaming?: boolean
}

type InputBlock = {
  type: 'input'
  block_id: string
  label: { text: string }
  element: { type: string; action_id: string; initial_value?: string; initial_option?: { value: string } }
}
export type SlackView = {
  id: string
  hash: string
  callback_id: string
  private_metadata: string
  title: { text: string }
  submit?: { text: string }
  blocks: (InputBlock | { type: 'section'; block_id?: string })[]
  trigger: string
  user: string
  /** What the app answered to the last submission. */
  errors?: Record<string, string>
}

export type SlackUser = {
  id: string
  name: string
  email?: string
  guest?: boolean
  owner?: boolean
  bot?: boolean
  deactivated?: boolean
  /** Another organisation's, through Slack Connect. */
  team?: string
  timeZone?: string
}

export type SlackCall = { method: string; args: Json; at: number }
export type ChannelState = {
  archived?: boolean
  missing?: boolean
  notIn?: boolean
  /** Of one that conversations.create made, or whose name is taken. */
  name?: string
  creator?: string
  /** Unix seconds. */
  created?: number
  topic?: string
  members?: string[]
}
export type Trigger = { user: string; expires: number; used: boolean }
export type Hook = { channel: string; user: string; uses: number; expires: number }

export const createState = (team: string, bot: string) => {
  let order = 0
  let lastTs = 0
  return {
    team,
    bot,
    users: new Map<string, SlackUser>(),
    channels: new Map<string, ChannelState>(),
    messages: [] as SlackMessage[],
    views: [] as SlackView[],
    triggers: new Map<string, Trigger>(),
    hooks: new Map<string, Hook>(),
    calls: [] as SlackCall[],
    statuses: [] as Json[],
    /** Milliseconds that a trigger, and a response address, are good for. */
    triggerMs: 3000,
    hookMs: 30 * 60_000,
    next: () => {
      order += 1
      return order
    },
    ts: () => {
      lastTs = Math.max(lastTs + 1, Date.now() * 1000)
      return (lastTs / 1_000_000).toFixed(6)
    },
  }
}
export type SlackState = ReturnType<typeof createState>
export type { KitButton }
