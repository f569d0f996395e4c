/**
 * What comes in, in neutral form. An adapter verifies the request, stores its payload in the inbox and, when it is
 * worked, reads it into one of these. The sender is the platform's word from the verified payload, nothing else.
 */
import type { ButtonAction, Card, Form } from '../messages/card.ts'
import type { Receipt, Route } from '../ports/platform.ts'

export type Place = {
  channel: string
  /** The root message of the thread it was said in. */
  thread?: string
  /** The sender's own conversation with the bot: nobody else reads it. */
  direct: boolean
  /** The platform says that another organisation is in the channel. */
  sharedOutside?: boolean
}

export type Inbound = {
  /** The platform's id of the user, from the verified payload. */
  user: string
  /** Set when the sender does not belong to the workspace that the request came through. */
  foreign?: boolean
  place: Place
  /** How to answer the sender alone. */
  reply: Route
  /** For opening a dialog; short-lived. */
  trigger?: string
} /** A slash command's text, or a verb typed in the composer. */ & (
  | { kind: 'command'; text: string }
  /** A message to the bot: a direct message, or one that mentions it. Mentions inside are `<@USER>`. */
  | { kind: 'message'; text: string; message: string }
  | { kind: 'action'; action: ButtonAction; message?: Receipt }
  | {
      kind: 'submission'
      operation: string
      values: Record<string, unknown>
      hidden: Record<string, unknown>
    }
)

/** A dialog's submission is answered at once: taken, or with an error at a field. */
export type SubmissionAnswer = { ok: true } | { ok: false; errors: Record<string, string>; message: string }

/** A button that is answered at once, to the clicker alone. */
export type ActAnswer =
  /** What the clicker sees from now on where the card stood. */
  | { kind: 'card'; card: Card }
  | { kind: 'said'; text: string }
  /** It opens a dialog, which a platform may have another way for. */
  | { kind: 'form'; action: ButtonAction & { type: 'form' } }

/** A dialog made for whoever opens it, or why they may not. */
export type FormAnswer = { ok: true; form: Form } | { ok: false; message: string }

/** An incident found, with the card that whoever reads along may see; none where they may see nothing of it. */
export type FoundIncident = { key: string; title: string; status: string; priority: string; card: Card }
