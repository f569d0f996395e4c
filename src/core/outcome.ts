/**
 * What an operation returns: data in parts, each with the label that its reader needs. `messages/` turns parts into
 * a card; the agent gets the same parts as JSON.
 */
import type { IncidentStatus, Priority } from '../db/schema.ts'
import type { PersonRef } from './actor.ts'
import type { Label } from './labels.ts'

export type Outcome = {
  parts: Part[]
  /** The incident the outcome is about: for the line that shows where it stands, and for its buttons. */
  incident?: {
    id: string
    key: string
    version: number
    private: boolean
    title: string
    status: IncidentStatus
    priority: Priority
  }
}

export type Part = Labelled & PartData

export type Labelled = {
  label: Label
  /**
   * The people who wrote the free text in it; undefined when there is none (keys, enumerations, numbers and
   * configured names alone). Text of anyone but the asker taints the agent's turn.
   */
  authors?: string[]
}

export type IncidentLine = {
  key: string
  title: string
  status: IncidentStatus
  priority: Priority
  team?: string
  assignee?: string
  openedAt: string
}

export type IncidentView = IncidentLine & {
  id: string
  version: number
  private: boolean
  description?: string
  reporter?: PersonRef
  assigneePerson?: PersonRef
  roles: { role: string; person: PersonRef }[]
  department?: string
  category?: string
  services: string[]
  acknowledged?: { by: string; at: string }
  mergedInto?: string
  /** Of its own: `#inc-001-checkout-is-down`, or why there is none. */
  channel?: { name: string } | { missing: string }
  last?: TimelineEntry
}

export type TimelineEntry = {
  at: string
  by: string
  operation: string
  old?: Record<string, unknown>
  new?: Record<string, unknown>
}

export type SendStatus = {
  /** `chat`, `e-mail`, `sms`, `webhook`; for a channel, its platform. */
  route: string
  state: 'queued' | 'throttled' | 'sent' | 'failed' | 'dead' | 'waiting' | 'withdrawn'
  /** When it was sent or given up, is due, or came into the queue. */
  at: string
  reason?: string
  /** How many wait there like it, and for how long the oldest one has. */
  waiting?: number
  oldestSeconds?: number
}

export type ChangeKind =
  | 'declared'
  | 'acknowledged'
  | 'taken'
  | 'assigned'
  | 'role'
  | 'handed_off'
  | 'status'
  | 'priority'
  | 'commented'
  | 'followed'
  | 'unfollowed'
  | 'services'
  | 'business_impact'
  | 'team'
  | 'category'
  | 'invited'
  | 'merged'
  /** By time, and by hand. */
  | 'paged'
  | 'escalated'
  | 'snoozed'

export type PartData =
  | { kind: 'incident'; incident: IncidentView }
  /** One thing that changed on one incident; `from` and `to` in the words that messages use. */
  | {
      kind: 'change'
      change: ChangeKind
      key: string
      by: string
      at: string
      from?: string
      to?: string
      /** Who else it concerns: the assignee, the holder of a role, the invited. */
      whom?: string
    }
  /** Nothing changed because it had already happened: who was first, and when. */
  | { kind: 'already'; change: ChangeKind; key: string; by: string; at: string; to?: string }
  | { kind: 'incidents'; title: string; incidents: IncidentLine[]; more: number }
  | { kind: 'entry'; entry: TimelineEntry }
  | { kind: 'technical'; services: { name: string; critical: boolean; team?: string }[] }
  | { kind: 'business_impact'; text: string }
  | { kind: 'customers_affected'; count: number }
  | { kind: 'customers'; names: string[] }
  /** Decimal strings in the organisation's currency. */
  | { kind: 'costs'; currency: string; direct: string; penalty: string }
  | { kind: 'comment'; visibility: 'public' | 'internal'; by: string; at: string; text: string }
  /** A heading over what follows. */
  | { kind: 'heading'; text: string }
  | {
      kind: 'facts'
      title?: string
      facts: { name: string; value: string }[]
      /** The dialog that changes them. */
      form?: { name: string; values: Record<string, unknown> }
    }
  | { kind: 'lines'; title: string; lines: string[]; more?: number }
  | { kind: 'sentence'; text: string }
  /** Buttons that open dialogs. */
  | { kind: 'dialogs'; dialogs: { text: string; form: string; values: Record<string, unknown> }[] }
  /** An update is asked for; `person` is called by name. */
  | { kind: 'reminder'; key: string; silentSeconds: number; person?: PersonRef }
  /** What became of messages: of a person's pages, or to a channel. */
  | { kind: 'deliveries'; title: 'Paged' | 'Channels'; rows: { to: string; sends: SendStatus[] }[] }
  | { kind: 'document'; name: string; text: string }
  | {
      kind: 'help'
      verbs: {
        usage: string
        summary: string
        /** The heading that it stands under among others. */
        area: string
        /** Only what standing on an incident gives: reporting it, being paged for it, having it. */
        byStanding?: boolean
        aliases?: string[]
        /** In words, for one verb alone. */
        permission?: string
      }[]
    }
