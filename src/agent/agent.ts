/** The one shared agent, as the chat asks it. */
import type { Actor } from '../core/actor.ts'
import type { Label } from '../core/labels.ts'
import type { Outcome } from '../core/outcome.ts'
import type { Permission } from '../core/permissions.ts'
import type { TocsinError } from '../errors.ts'
import type { Card } from '../messages/card.ts'

export type TurnRequest = {
  actor: Actor
  /** The inbox row: the turn's id, under which its tool calls are journalled. */
  turnId: string
  text: string
  /** `direct`: nobody but the asker reads it. Otherwise the permissions that the channel is cleared for. */
  audience: 'direct' | { clearance: Permission[] }
  /** The incident that the channel or thread belongs to, for "this". */
  incidentKey?: string
  /** Text as the model speaks it, in a direct conversation only. */
  onText?: (text: string) => void
  signal: AbortSignal
}

export type TurnResult = {
  /** What the agent says, with the label of everything it was given. Empty when the rest is the whole answer. */
  text: string
  label: Label
  /** The answer is for the asker alone: its label exceeds the audience, or a private exchange went into it. */
  private: boolean
  /** Cards that code made: writes that wait for a click, pickers. Blocks carry their labels. */
  cards: Card[]
  /** What operations returned, to be shown as for a verb: from the model-free planner, which writes no prose. */
  outcomes: Outcome[]
  /** What operations refused, to be shown as for a verb: from the model-free planner. Read under `label`. */
  refusals: TocsinError[]
  /** Not to be answered: this process was told to stop, or another one has taken the turn over. */
  unfinished?: 'aborted' | 'superseded'
}

export type Agent = {
  turn(request: TurnRequest): Promise<TurnResult>
  /** A model is configured: it may be down at the moment. */
  speaks: boolean
}
