import { createHash } from 'node:crypto'
import type { Actor } from '../core/actor.ts'
import { type Label, plain, union } from '../core/labels.ts'
import { type Db, inOrg } from '../db/pool.ts'
import type { Model } from '../ports/model.ts'
import type { TurnResult } from './agent.ts'
import type { Exchange } from './exchange.ts'
import { callWords } from './honest.ts'
import { countUsage, type Memorable, remember } from './memory.ts'
import { exceeds, type Turn } from './turn.ts'

/** A provider learns nothing of the person from it, and the same person keeps it. */
export const opaqueId = (actor: Actor): string =>
  createHash('sha256').update(`${actor.orgId} ${actor.personId}`).digest('hex').slice(0, 32)

export function resultOf(turn: Turn, text: string, model: Model): TurnResult {
  const results = turn.exchanges.filter((exchange) => !exchange.replayed).map(({ result }) => result)
  const outcomes = results.flatMap((result) => (result.kind === 'outcome' ? [result.outcome] : []))
  const errors = results.flatMap((result) => (result.kind === 'error' ? [result] : []))
  const notes = results.flatMap((result) => (result.kind === 'note' ? [result] : []))
  // Parts keep their own labels where they are shown themselves; a text carries those of all that it came from.
  const asked = turn.exchanges.map((exchange) => exchange.asked.label)
  const told = [...errors, ...notes].map(({ label }) => label)
  // Where the model fell silent, code's own words name what was done.
  const done = text ? turn.exchanges.filter(({ wrote }) => wrote).flatMap(partLabels) : []
  const label = union(plain, turn.label, ...asked, ...told, ...done)
  const silent = !model.needsMemory && !text
  return {
    text: silent && !turn.cards.length ? notes.map(sentenceOf).join(' ') : text,
    label,
    private: turn.request.audience !== 'direct' && (turn.private || exceeds(turn, label)),
    cards: turn.cards,
    outcomes: silent ? outcomes : [],
    refusals: silent ? errors.map(({ error }) => error) : [],
  }
}

const partLabels = ({ result }: Exchange): Label[] =>
  result.kind === 'outcome' ? result.outcome.parts.map((part) => part.label) : []

const sentenceOf = (result: Exchange['result']): string =>
  result.kind === 'note' ? String(result.note.sentence ?? '') : ''

/** What the conversation keeps of a turn, with the label of what it came from; and what the turn used. */
export async function store(db: Db, turn: Turn, result: TurnResult, model: Model): Promise<void> {
  const { actor, turnId, text } = turn.request
  const label = union(
    result.label,
    ...result.outcomes.flatMap(({ parts }) => parts.map((part) => part.label)),
  )
  const items: Memorable[] = [
    { item: { type: 'user', text }, label: plain, tainted: false, private: false },
    {
      item: { type: 'assistant', text: result.text || answerInWords(turn) },
      label,
      tainted: turn.tainted,
      private: turn.private || exceeds(turn, label),
    },
  ]
  await inOrg(db, actor.orgId, async ({ tx }) => {
    await remember(tx, actor, turn.conversationId, turnId, items)
    await countUsage(tx, actor, model.name, turn.used)
  })
}

/** What was shown as cards, so that nobody takes the request for one that still waits. */
const answerInWords = (turn: Turn): string =>
  [
    ...turn.exchanges.map((exchange) => {
      if (exchange.result.kind === 'error') return exchange.result.error.message
      return exchange.wrote ? `Done: ${callWords(exchange)}.` : `Shown: ${callWords(exchange)}.`
    }),
    ...turn.cards.map((card) => card.summary),
  ].join(' ') || 'Answered.'
