/**
 * What the inside asks of a chat platform. One function delivers and answers whether to try again: an integration
 * has no policy of its own. Glossary: a *workspace* is a Slack team, a Teams tenant or the console; a *route* says
 * where in it a message goes; a *receipt* is the platform's name for what it took.
 */
import type { Card, Form } from '../messages/card.ts'

export const platforms = ['slack', 'teams', 'console'] as const
export type PlatformName = (typeof platforms)[number]
/** What carries messages: the chats, and what has no conversation. There a route's user or channel is the address. */
export type CarrierName = PlatformName | 'email' | 'sms' | 'webhook'

/** `id` is ours, `externalId` the platform's (`T…`, a tenant id, `console`). */
export type WorkspaceRef = { orgId: string; id: string; platform: PlatformName; externalId: string }
/** The same of any carrier; one without workspaces of its own has the organisation's id for its name. */
export type CarrierRef = Omit<WorkspaceRef, 'platform'> & { platform: CarrierName }

export type Route =
  | { type: 'channel'; channel: string; thread?: string }
  /** The person's own conversation with the bot. */
  | { type: 'person'; user: string }
  /** Only this user sees it, in this channel. */
  | { type: 'ephemeral'; channel: string; user: string; thread?: string }
  /** Answering one command or click privately through the address it brought; good for a while only. */
  | { type: 'response'; url: string; channel: string; user: string }

export type Receipt = {
  channel: string
  message: string
  thread?: string
  /** Of a channel that was opened; it has no message. */
  name?: string
}

export type Content =
  | { type: 'card'; card: Card }
  /** Change a message that stands. */
  | { type: 'update'; message: Receipt; card: Card }
  /** For programs: what happened, by its name (`incident.resolved`). */
  | { type: 'event'; name: string; at: string; data: Record<string, unknown> }
  /** Open a public channel and invite these users. Where the name is taken, a number follows it. */
  | { type: 'open_channel'; name: string; topic: string; users: string[] }
  /** Open a dialog; `trigger` lives about three seconds, afterwards `expired` tells the caller. */
  | { type: 'form'; trigger: string; form: Form }

export type Outgoing = {
  /** The delivery's id: goes along as metadata, so that a send whose receipt was lost can be looked up. */
  id: string
  route: Route
  content: Content
  /** An earlier try may have arrived: look for `id` before sending again. */
  uncertain: boolean
  /** The platform's user for each person whom the card mentions. */
  mentions: Record<string, string>
}

export type DeliveryResult =
  | { ok: true; receipt?: Receipt }
  /** `afterMs`: the platform's own word (Retry-After). `uncertain`: it may have arrived. */
  | { ok: false; retry: true; reason: string; afterMs?: number; throttled?: boolean; uncertain?: boolean }
  | { ok: false; retry: false; reason: string; gone?: 'message' | 'channel' | 'trigger' | 'response' }

/** What the platform says of one of its users; `member` is a full member of this very workspace. */
export type Profile = {
  user: string
  name: string
  email?: string
  timeZone?: string
  kind: 'member' | 'guest' | 'bot' | 'foreign' | 'deactivated' | 'unknown'
  /** Slack's workspace owner or admin of the console: may become the first administrator. */
  owner?: boolean
}

/** An answer that grows while the model speaks; only ever in a person's own conversation. */
export type AnswerStream = {
  append(text: string): void
  /** Ends it with the whole answer; resolves to where it stands, or undefined when it must be sent anew. */
  finish(card: Card): Promise<Receipt | undefined>
}

export type Carrier<Name extends CarrierName = CarrierName> = {
  name: Name
  deliver(
    workspace: CarrierRef & { platform: Name },
    outgoing: Outgoing,
    signal: AbortSignal,
  ): Promise<DeliveryResult>
  /** Milliseconds between two messages to one destination that the platform asks for. */
  paceMs: number
}

/** A chat: people are known there, and answer. */
export type Platform = Carrier<PlatformName> & {
  profile(workspace: WorkspaceRef, user: string): Promise<Profile>
  /**
   * Whose address this is; undefined: nobody's. Without it nobody is looked for before they speak.
   * @throws TocsinError denied while the platform does not let us ask, saying what to change; unavailable, with
   * `afterMs` where it names a time.
   */
  findByEmail?(workspace: WorkspaceRef, email: string): Promise<Profile | undefined>
  /** Starts an answer in the asker's own conversation; undefined where the platform cannot. */
  stream?(
    workspace: WorkspaceRef,
    place: { channel: string; thread?: string; user: string },
  ): Promise<AnswerStream | undefined>
  /** A neutral sign that an answer is being worked on; failing is not an error. */
  status?(workspace: WorkspaceRef, place: { channel: string; thread?: string }, text: string): Promise<void>
}
