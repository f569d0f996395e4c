/**
 * The neutral card: plain data that every adapter renders to its platform (Block Kit, Adaptive Card, HTML, plain
 * text). Glossary: a *span* is a stretch of text; a *block* is one thing below another; a *label* says which
 * permissions a block needs; a *button* carries what it does, never who does it.
 *
 * Strings are always plain words: a renderer escapes them. Links and mentions exist only as spans that code made.
 */
import type { Label } from '../core/labels.ts'

export type Span =
  | string
  | { type: 'strong'; text: string }
  | { type: 'code'; text: string }
  /** `ping` notifies them on platforms that can; otherwise only the name is shown. */
  | { type: 'person'; id: string; name: string; ping?: boolean }
  /** An ISO instant, shown as the reader's clock (`clock`), its date too (`date`), or with how long ago. */
  | { type: 'time'; at: string; style: 'clock' | 'date' | 'ago' }
  | { type: 'link'; url: string; text: string }
export type Text = string | Span[]

export type Block = { label?: Label } & (
  | { type: 'heading'; text: Text }
  | { type: 'text'; text: Text }
  /** Short name and value pairs, two columns where the platform has them. */
  | { type: 'facts'; facts: { name: string; value: Text }[] }
  /** One line each, in order; shortened from the end with a line that says how many more. */
  | { type: 'lines'; lines: Text[] }
  | { type: 'code'; text: string }
  /** Small print. */
  | { type: 'context'; text: Text }
  | { type: 'divider' }
  /** Buttons in the middle of a card (a picker's rows). */
  | { type: 'buttons'; buttons: Button[] }
)

export type Card = {
  /** The first line alone, as a notification shows it. Plain words. */
  summary: string
  blocks: Block[]
  /** At most five; the likely one first, the irreversible one last. */
  buttons?: Button[]
  /** The command that shows the whole where a platform must shorten, for example `show INC-001`. */
  whole?: string
  /** An incident's card in a shared place: whose own views of it the platform may ask for, by its users. */
  views?: { incident: string; users: string[] }
}

export type Button = {
  text: string
  style?: 'primary' | 'danger'
  action: ButtonAction
  /** Asked before it is sent. */
  confirm?: { title: string; text: string; yes: string }
  /** The platform's own id for a test or an assistive technology to find it by; defaults to the operation. */
  id?: string
}

/**
 * What pressing does. `perform` names an operation and its input, `asOf` the incident's version that the card
 * showed; `form` opens a dialog; `share` posts a privately given answer into the channel it was asked in.
 * Identity is never part of it: the actor is whoever the verified payload says pressed.
 */
export type ButtonAction =
  | { type: 'perform'; operation: string; input: Record<string, unknown>; asOf?: number }
  | { type: 'form'; form: string; values?: Record<string, unknown> }
  | { type: 'share'; answer: string }

/** A dialog: a modal in Slack, a task module in Teams, a `<dialog>` in the console. */
export type Form = {
  /** The operation that its submission performs. */
  operation: string
  title: string
  submit: string
  fields: FormField[]
  /** Given back with the submission as it is; never trusted for authority. */
  hidden?: Record<string, unknown>
}

export type FormField = { name: string; label: string; optional?: boolean; hint?: string; value?: string } & (
  | { type: 'text'; maxLength?: number }
  | { type: 'multiline'; maxLength?: number }
  | { type: 'select'; options: { value: string; text: string }[] }
)
