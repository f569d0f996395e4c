import type { Label } from '../core/labels.ts'
import type { Outcome } from '../core/outcome.ts'
import type { TocsinError } from '../errors.ts'
import type { ModelItem } from '../ports/model.ts'

/** One tool call of the turn with what came of it. */
export type Exchange = {
  callId: string
  tool: string
  /** As the model wrote them. */
  arguments: string
  result: CallResult
  /** The label of the request that the call was made from: its arguments are derived from all of it. */
  asked: { label: Label; tainted: boolean }
  /** It changed something, and committed. */
  wrote: boolean
  /** The answer to an earlier call, given again: nothing was run. */
  replayed?: boolean
}

export type CallResult =
  | { kind: 'outcome'; outcome: Outcome }
  | { kind: 'error'; error: TocsinError; label: Label }
  /** What code itself answers: keys, enumerations and our own words, no free text of anybody. */
  | { kind: 'note'; note: Record<string, unknown>; label: Label }

/** A stretch of a model request that is filtered as one: a message, or a call with its result. */
export type Passage = {
  items: ModelItem[]
  label: Label
  /** Holds, or derives from, free text of somebody other than the asker. */
  foreign: boolean
  /** From the asker's own private exchange in a shared place. */
  private: boolean
}
