import { cleanJson } from '../core/clean-text.ts'
import { type Label, plain } from '../core/labels.ts'
import type { Outcome } from '../core/outcome.ts'
import type { Permission } from '../core/permissions.ts'
import { readerOn } from '../core/reader.ts'
import { type Db, inOrg, type Tx } from '../db/pool.ts'
import { denied, isTocsinError, type TocsinError } from '../errors.ts'
import type { AnyOperation } from '../operations/define.ts'
import { parseInput, perform } from '../operations/perform.ts'
import type { ModelResponse } from '../ports/model.ts'
import { confirmation, longestConfirmable, picker } from './cards.ts'
import type { CallResult, Exchange } from './exchange.ts'
import { fingerprint, journal } from './journal.ts'
import { aboveWhatItStores } from './lowering.ts'
import type { Situation } from './situation.ts'
import { dropNulls } from './strict-schema.ts'
import type { Turn } from './turn.ts'
import { candidates, whichNote } from './which-incident.ts'

export type Tools = { db: Db; registry: readonly AnyOperation[]; pickers: boolean }

/**
 * Makes one tool call of a model: reads its arguments, finds the incident that is meant, and performs it, or, in a
 * turn that holds other people's words, prepares a write for the asker's click.
 * @throws Superseded when another replica works the turn.
 */
export async function makeCall(
  { db, registry, pickers }: Tools,
  turn: Turn,
  situation: Situation,
  call: ModelResponse['calls'][number],
  asked: Exchange['asked'],
): Promise<Exchange> {
  const answer = (result: CallResult, rest: Partial<Exchange> = {}): Exchange => ({
    callId: call.callId,
    // It goes back to the provider, who refuses other names.
    tool: call.name.replaceAll(/[^\w-]/g, '_').slice(0, 64) || 'unknown',
    arguments: isObject(call.arguments) ? call.arguments : '{}',
    result,
    asked,
    wrote: false,
    ...rest,
  })
  const operation = registry.find((known) => known.name === call.name)
  if (!operation) return answer(note(`There is no tool ${call.name.slice(0, 60)}.`))
  const offered = situation.offered.includes(operation)
  const input = readArguments(call.arguments)
  if (!input) return answer(note('The arguments were no JSON object.'))

  if (operation.subject === 'incident' && input.incident === undefined) {
    const open = await meantIncident(db, turn, situation)
    if (typeof open !== 'string') {
      if (pickers && offered) turn.cards.push(picker(operation, input, open))
      return answer({ kind: 'note', ...whichNote(open) })
    }
    input.incident = open
  }

  const earlier = earlierCall(turn, operation, input)
  if (earlier) return answer(earlier.result, { replayed: true })
  if (operation.effect !== 'read' && offered) {
    const above = asked.tainted ? [] : await aboveWhatItStores(db, turn, operation, input, asked.label)
    if (asked.tainted || above.length) return answer(prepare(turn, operation, input, asked.label, above))
  }
  const result = await performJournalled(db, turn, { operation, input, offered, asked })
  return answer(result, { wrote: result.kind === 'outcome' && operation.effect !== 'read' })
}

const note = (sentence: string): CallResult => ({ kind: 'note', note: { ok: false, sentence }, label: plain })

const isObject = (text: string) => readArguments(text) !== undefined

function readArguments(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text || '{}')
    if (!value || typeof value !== 'object' || Array.isArray(value)) return undefined
    // What the journal cannot store is cleaned, as it is when a person types it.
    return cleanJson(dropNulls(value)) as Record<string, unknown>
  } catch {
    return undefined
  }
}

/** The conversation's own incident, else the only one it can be; else those to choose from. */
async function meantIncident(db: Db, turn: Turn, { standing }: Situation) {
  const { actor, incidentKey } = turn.request
  if (incidentKey) return incidentKey
  const open = await inOrg(db, actor.orgId, ({ tx, orgId }) =>
    candidates(tx, orgId, (ids) => readerOn(tx, orgId, standing, ids)),
  )
  return open.length === 1 ? open[0]!.key : open
}

/**
 * A call that an earlier run of this turn committed is not made again: its result is. A write counts however often
 * it is asked for; a read once, for the state may have changed since.
 */
function earlierCall(turn: Turn, operation: AnyOperation, input: Record<string, unknown>) {
  const print = fingerprint(operation.name, input)
  const at = turn.earlier.findIndex((entry) => fingerprint(entry.operation, entry.input) === print)
  const entry = turn.earlier[at]
  if (entry && operation.effect === 'read') turn.earlier.splice(at, 1)
  return entry
}

/** More of them in one message would be pressed unread, and the last ones would not fit. */
const mostWaiting = 4

/** The card is drawn from the typed arguments, checked by their schema; the click is authorised for whoever clicks. */
function prepare(
  turn: Turn,
  operation: AnyOperation,
  input: Record<string, unknown>,
  label: Label,
  above: Permission[],
): CallResult {
  try {
    parseInput(operation, input)
  } catch (error) {
    if (isTocsinError(error)) return { kind: 'error', error, label: plain }
    throw error
  }
  if (JSON.stringify(input).length > longestConfirmable) {
    return note('Too long for a card that asks to confirm it. The person can use the verb instead.')
  }
  const print = fingerprint(operation.name, input)
  if (!turn.prepared.has(print) && turn.prepared.size >= mostWaiting) {
    return note(
      'Not prepared: enough waits for the click of the person. They press those first, then ask again.',
    )
  }
  if (!turn.prepared.has(print)) turn.cards.push(confirmation(operation, input, label, above))
  turn.prepared.add(print)
  return {
    kind: 'note',
    note: { ok: true, state: 'prepared', sentence: 'Not done. A card waits for the click of the person.' },
    label: plain,
  }
}

type Authorised = {
  operation: AnyOperation
  input: Record<string, unknown>
  offered: boolean
  asked: Exchange['asked']
}

async function performJournalled(
  db: Db,
  turn: Turn,
  { operation, input, offered, asked }: Authorised,
): Promise<CallResult> {
  const { actor, turnId } = turn.request
  const number = turn.next++
  let made: CallResult | undefined
  const settle = async (tx: Tx, result: Outcome | TocsinError) => {
    // What was not offered has no effect, whatever the roles became in this instant; the refusal is audited.
    if (!offered && !isTocsinError(result)) {
      throw denied(`${operation.name} was not done: it is none of the tools here.`)
    }
    const call = { number, operation: operation.name, input, asked }
    made = await journal(tx, { orgId: actor.orgId, turnId }, call, result)
  }
  try {
    await perform(db, { ...actor, surface: 'agent' }, operation, input, {
      inboxId: turnId,
      completes: false,
      settle: ({ tx }, result) => settle(tx, result),
    })
  } catch (error) {
    if (!isTocsinError(error)) throw error
  }
  if (!made) throw new Error(`${operation.name} ended without a line in the journal`)
  return made
}

/** What an earlier run did, as the calls of this one: the model goes on from there. */
export function resume(turn: Turn, registry: readonly AnyOperation[]): void {
  for (const { number, operation, input, result, asked } of turn.earlier) {
    const effect = registry.find((known) => known.name === operation)?.effect
    turn.exchanges.push({
      callId: `earlier-${number}`,
      tool: operation,
      arguments: JSON.stringify(input),
      result,
      asked,
      wrote: result.kind === 'outcome' && effect !== 'read',
    })
  }
}
