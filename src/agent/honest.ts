import type { Exchange } from './exchange.ts'

/** Why a turn ended before the model did. */
export type Stop = 'down' | 'steps' | 'tokens' | 'time' | 'aborted' | 'superseded' | 'silent'

const reasons: Record<Stop, string> = {
  down: 'The model does not answer right now.',
  steps: 'I stopped: this took more steps than one request may.',
  tokens: 'I stopped: this took more text than one request may.',
  time: 'I stopped: this took longer than one request may.',
  aborted: 'I was interrupted.',
  superseded: 'This request is being worked elsewhere.',
  silent: 'The model gave no answer.',
}

/** What was done and what was not, from the journal alone. */
export function honestText(stop: Stop, exchanges: Exchange[], cards: number): string {
  const done = exchanges.filter((exchange) => exchange.wrote && !exchange.replayed).map(callWords)
  return [
    reasons[stop],
    done.length
      ? `Done: ${[...new Set(done)].join(', ')}. Nothing else was changed.`
      : 'Nothing was changed.',
    cards ? 'What was prepared waits for your click.' : '',
    stop === 'down' ? 'Verbs and buttons work: try help.' : '',
  ]
    .filter(Boolean)
    .join(' ')
}

/** `update_priority on INC-001 (P3 to P1)`. */
export function callWords({ tool, result }: Exchange): string {
  if (result.kind !== 'outcome') return tool
  const key = result.outcome.incident?.key
  const change = result.outcome.parts.find((part) => part.kind === 'change')
  const what =
    change?.kind === 'change' && change.from && change.to ? ` (${change.from} to ${change.to})` : ''
  return `${tool}${key ? ` on ${key}` : ''}${what}`
}
