import { type Label, mayRead, plain, union } from '../core/labels.ts'
import { channelReader } from '../core/reader.ts'
import type { Card } from '../messages/card.ts'
import type { ModelItem } from '../ports/model.ts'
import type { TurnRequest } from './agent.ts'
import type { Exchange, Passage } from './exchange.ts'
import type { JournalEntry } from './journal.ts'
import type { Limits } from './limits.ts'
import { passageOf } from './project.ts'
import type { Situation } from './situation.ts'

/** What one turn gathers as it goes. */
export type Turn = {
  request: TurnRequest
  limits: Limits
  conversationId: string
  history: Passage[]
  exchanges: Exchange[]
  /** Calls that an earlier run of this turn committed. */
  earlier: JournalEntry[]
  /** The number of the next call in the journal. */
  next: number
  cards: Card[]
  /** Writes that were prepared and wait for a click. */
  prepared: Set<string>
  /** The label of everything that any model request of the turn held. */
  label: Label
  tainted: boolean
  /** A private exchange of the asker's went into it. */
  private: boolean
  used: { input: number; output: number }
}

/** Longer than anything people type; the rest is cut, and the model told so. */
const longestText = 12_000

/**
 * The items of the next request: what the asker may read at this moment, and in a shared place only what the channel
 * is cleared for or what belongs to their own private exchange there. Notes down its label and taint.
 */
export function requestItems(turn: Turn, situation: Situation, memory: boolean): ModelItem[] {
  const { request, limits } = turn
  const asker = request.actor.personId
  const past = memory ? turn.history.filter((passage) => mayBeGiven(passage, turn, situation)) : []
  const own: Passage = {
    items: [{ type: 'user', author: situation.standing.name, text: ownText(request.text) }],
    label: plain,
    foreign: false,
    private: false,
  }
  const calls = turn.exchanges.map((exchange) =>
    passageOf(exchange, situation.reader, asker, limits.resultCharacters),
  )
  const given = [...past, own, ...calls.map((passage) => withheldUnlessReadable(passage, situation))]
  turn.label = union(turn.label, ...given.map((passage) => passage.label))
  turn.tainted ||= given.some((passage) => passage.foreign)
  turn.private ||= given.some((passage) => passage.private)
  return given.flatMap((passage) => passage.items)
}

function mayBeGiven(passage: Passage, { request }: Turn, { reader }: Situation): boolean {
  if (!mayRead(reader, passage.label)) return false
  if (request.audience === 'direct' || passage.private) return true
  return mayRead(channelReader(request.audience.clearance), passage.label)
}

/**
 * A call's arguments were written from everything that the model had then. When the asker lost a right in the
 * meantime, both are taken out of what is sent; the call itself stays, so that it is not made again.
 */
function withheldUnlessReadable(passage: Passage, { reader }: Situation): Passage {
  if (mayRead(reader, passage.label)) return passage
  const items = passage.items.map((item): ModelItem => {
    if (item.type === 'call') return { ...item, arguments: '{}' }
    if (item.type === 'result') return { ...item, output: '{"withheld":true}' }
    return item
  })
  return { items, label: plain, foreign: false, private: false }
}

const ownText = (text: string) =>
  text.length <= longestText
    ? text
    : `${text.slice(0, longestText).toWellFormed()}\n(cut here: the message was longer)`

/** Whether what carries this label may only go to the asker. */
export const exceeds = (turn: Turn, label: Label): boolean =>
  turn.request.audience !== 'direct' && !mayRead(channelReader(turn.request.audience.clearance), label)
