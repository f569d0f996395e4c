import type { z } from 'zod'
import type { Body } from './body.ts'
import {
  actionShape,
  commandShape,
  eventShape,
  type SlackEvent,
  type SlackSubmission,
  shortcutShape,
  speechShape,
  submissionShape,
} from './shapes.ts'

/** A request to be kept: for which installation, from whom, under which id of its own. */
export type Kept = { installation: string; sender: string; key: string; payload: Body } & (
  | { kind: 'event' }
  | { kind: 'command'; command: string }
  | { kind: 'interaction'; responseUrl?: string }
  | { kind: 'submission'; view: SlackSubmission['view'] }
)

export type SlackRequest =
  | Kept
  | { kind: 'challenge'; challenge: string }
  | { kind: 'options' }
  /** Nothing of ours: answered with success, never stored. */
  | { kind: 'nothing' }
  | { kind: 'unusable'; reason: string }

/** Slack sends these too; none is for us yet. */
const quiet = new Set([
  'view_closed',
  'message_action',
  'interactive_message',
  'dialog_submission',
  'dialog_cancellation',
  'app_rate_limited',
])

const unusable = (what: string, error?: z.ZodError): SlackRequest => {
  const where = error?.issues[0]?.path.join('.')
  return {
    kind: 'unusable',
    reason: where ? `The ${what} is wrong at ${where}.` : `The ${what} is unusable.`,
  }
}

const yes = (flag: unknown): boolean => flag === true || flag === 'true'

type Sides = {
  team?: string | null
  enterprise?: string | null
  orgWide?: unknown
}
/** An app installed on a whole Grid organisation is known by that, not by the workspace it was used in. */
const installationOf = ({ team, enterprise, orgWide }: Sides): string | undefined =>
  (yes(orgWide) ? enterprise : team) || team || enterprise || undefined

/** `fallbackKey` is unique to this very request: the signature, or Socket Mode's envelope. */
export const readRequest = (body: Body, fallbackKey: string): SlackRequest => {
  if (typeof body.command === 'string') return readCommand(body, fallbackKey)
  if (body.ssl_check !== undefined) return { kind: 'nothing' }
  switch (body.type) {
    case 'url_verification':
      return typeof body.challenge === 'string' && body.challenge.length <= 1000
        ? { kind: 'challenge', challenge: body.challenge }
        : unusable('challenge')
    case 'event_callback':
      return readEvent(body)
    case 'block_actions':
      return readAction(body, fallbackKey)
    case 'view_submission':
      return readView(body)
    case 'shortcut':
      return readShortcut(body, fallbackKey)
    case 'block_suggestion':
      return { kind: 'options' }
  }
  return typeof body.type === 'string' && quiet.has(body.type) ? { kind: 'nothing' } : unusable('type')
}

const readCommand = (body: Body, fallbackKey: string): SlackRequest => {
  const { data, error } = commandShape.safeParse(body)
  if (!data) return unusable('command', error)
  const installation = installationOf({
    team: data.team_id,
    enterprise: data.enterprise_id,
    orgWide: data.is_enterprise_install,
  })
  if (!installation) return unusable('command at team_id')
  return {
    kind: 'command',
    command: data.command,
    installation,
    sender: data.user_id,
    key: `command:${data.trigger_id || fallbackKey}`,
    payload: body,
  }
}

/** The installation that the event was sent for; in Slack Connect `team_id` can be the other side's. */
const eventInstallation = (data: SlackEvent): string | undefined => {
  const first = data.authorizations?.[0]
  return (
    (first &&
      installationOf({
        team: first.team_id,
        enterprise: first.enterprise_id,
        orgWide: first.is_enterprise_install,
      })) ||
    installationOf({ team: data.context_team_id || data.team_id, enterprise: data.enterprise_id })
  )
}

/** Said with a file, or in a thread and to its channel, it is said all the same. */
const spoken = new Set([undefined, 'file_share', 'thread_broadcast'])

/**
 * What people say to the bot. A mention in a channel comes as `app_mention` and, where channels are subscribed to,
 * as `message` too; in a direct conversation as `message`: each is taken once. Bots and edits are not.
 */
export const isSpeech = (event: SlackEvent['event']): boolean => {
  if (event.bot_id || event.bot_profile || event.hidden) return false
  if (!spoken.has(event.subtype as string | undefined)) return false
  const named = typeof event.channel === 'string' && event.channel.startsWith('D')
  const direct = event.channel_type === 'im' || named
  return direct ? event.type === 'message' : event.type === 'app_mention'
}

const readEvent = (body: Body): SlackRequest => {
  const { data, error } = eventShape.safeParse(body)
  if (!data) return unusable('event', error)
  const installation = eventInstallation(data)
  if (!installation) return unusable('event at team_id')
  if (!isSpeech(data.event)) return { kind: 'nothing' }
  const speech = speechShape.safeParse(data.event)
  if (!speech.success) return unusable('event', speech.error)
  return {
    kind: 'event',
    installation,
    sender: speech.data.user,
    key: `event:${data.event_id}`,
    payload: body,
  }
}

type Interaction = { team?: { id: string } | null; enterprise?: { id: string } | null }
const interactionInstallation = (data: Interaction & { is_enterprise_install?: unknown }) =>
  installationOf({
    team: data.team?.id,
    enterprise: data.enterprise?.id,
    orgWide: data.is_enterprise_install,
  })

const readAction = (body: Body, fallbackKey: string): SlackRequest => {
  const { data, error } = actionShape.safeParse(body)
  if (!data) return unusable('action', error)
  const installation = interactionInstallation(data)
  if (!installation) return unusable('action at team')
  const { action_ts: at, action_id: id } = data.actions[0]!
  const click = at
    ? `${at}:${data.container?.message_ts || data.message?.ts || ''}:${data.user.id}:${id}`
    : fallbackKey
  return {
    kind: 'interaction',
    installation,
    sender: data.user.id,
    key: `action:${data.trigger_id || click}`.slice(0, 400),
    payload: body,
    responseUrl: data.response_url ?? undefined,
  }
}

const readView = (body: Body): SlackRequest => {
  const { data, error } = submissionShape.safeParse(body)
  if (!data) return unusable('submission', error)
  const installation = yes(data.is_enterprise_install)
    ? interactionInstallation(data)
    : data.view.app_installed_team_id || interactionInstallation(data)
  if (!installation) return unusable('submission at team')
  return {
    kind: 'submission',
    installation,
    sender: data.user.id,
    key: `view:${data.view.id}:${data.view.hash ?? ''}`,
    payload: body,
    view: data.view,
  }
}

const readShortcut = (body: Body, fallbackKey: string): SlackRequest => {
  const { data, error } = shortcutShape.safeParse(body)
  if (!data) return unusable('shortcut', error)
  if (data.callback_id !== 'declare') return { kind: 'nothing' }
  const installation = interactionInstallation(data)
  if (!installation) return unusable('shortcut at team')
  const key = `shortcut:${data.trigger_id || fallbackKey}`
  return { kind: 'interaction', installation, sender: data.user.id, key, payload: body }
}
