import { cleanText } from '../core/clean-text.ts'
import { plain } from '../core/labels.ts'
import { type Db, inOrg } from '../db/pool.ts'
import { isTocsinError } from '../errors.ts'
import type { Logger } from '../log.ts'
import type { AnyOperation } from '../operations/define.ts'
import type { Model, ModelResponse } from '../ports/model.ts'
import type { Agent, TurnRequest, TurnResult } from './agent.ts'
import { makeCall, resume } from './call.ts'
import { type CircuitBreaker, circuitBreaker } from './circuit.ts'
import { honestText, type Stop } from './honest.ts'
import { instructionsFor } from './instructions.ts'
import { loadJournal, Superseded } from './journal.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { conversationOf, loadHistory } from './memory.ts'
import { plainStream, plainWords } from './plain-words.ts'
import { createPlanner } from './planner.ts'
import { opaqueId, resultOf, store } from './result.ts'
import { loadSituation } from './situation.ts'
import { toolOf } from './strict-schema.ts'
import { requestItems, type Turn } from './turn.ts'

export type AgentParts = {
  db: Db
  registry: readonly AnyOperation[]
  /** Without one, and while it is down, the model-free planner reads what people say. */
  model?: Model
  log: Logger
  limits?: Partial<Limits>
}

type Inside = AgentParts & { limits: Limits; breaker: CircuitBreaker; planner: Model }

/** How the steps ended: with what the model says, or before that. */
type Ending = { text: string } | { stop: Stop }

/**
 * The agent: one turn asks the model, performs the calls that it makes for this person, and asks again, until it
 * speaks or a limit is met. No model call happens inside a database transaction.
 */
export function createAgent(parts: AgentParts): Agent {
  const limits = { ...defaultLimits, ...parts.limits }
  const inside: Inside = {
    ...parts,
    limits,
    breaker: circuitBreaker(limits.restMs),
    planner: createPlanner(parts.model ? 'the model does not answer' : 'no model is connected'),
  }
  return { turn: (request) => runTurn(inside, request), speaks: parts.model !== undefined }
}

async function runTurn(inside: Inside, request: TurnRequest): Promise<TurnResult> {
  const { model, planner, breaker, limits } = inside
  const timeout = AbortSignal.timeout(limits.wallMs)
  const signal = AbortSignal.any([request.signal, timeout])
  const turn = await openTurn(inside, request)
  let used = model && !breaker.open() ? model : planner
  let ending = await guarded(() => steps(inside, turn, used, signal))
  if ('stop' in ending && ending.stop === 'aborted' && !request.signal.aborted) ending = { stop: 'time' }
  if ('stop' in ending && ending.stop === 'down' && turn.exchanges.length === 0) {
    used = planner
    // It is given nothing of what the model was given.
    Object.assign(turn, { label: plain, tainted: false, private: false })
    ending = await guarded(() => steps(inside, turn, used, request.signal))
  }
  const text = 'text' in ending ? ending.text : honestText(ending.stop, turn.exchanges, turn.cards.length)
  const result = resultOf(turn, text, used)
  // Whoever takes over an interrupted turn stores and answers it.
  if ('stop' in ending && (ending.stop === 'aborted' || ending.stop === 'superseded')) {
    return { ...result, unfinished: ending.stop }
  }
  await store(inside.db, turn, result, used)
  return result
}

async function openTurn({ db, registry, limits }: Inside, request: TurnRequest): Promise<Turn> {
  const { actor, turnId } = request
  const most = { items: limits.historyItems, characters: limits.historyCharacters }
  const { conversationId, history } = await inOrg(db, actor.orgId, async ({ tx }) => {
    const id = await conversationOf(tx, actor, request.audience !== 'direct')
    return { conversationId: id, history: await loadHistory(tx, actor, id, turnId, most) }
  })
  const earlier = await loadJournal(db, actor.orgId, turnId)
  const turn: Turn = {
    request,
    limits,
    conversationId,
    history,
    exchanges: [],
    earlier,
    next: (earlier.at(-1)?.number ?? 0) + 1,
    cards: [],
    prepared: new Set(),
    label: plain,
    tainted: false,
    private: false,
    used: { input: 0, output: 0 },
  }
  resume(turn, registry)
  return turn
}

async function guarded(work: () => Promise<Ending>): Promise<Ending> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Superseded) return { stop: 'superseded' }
    throw error
  }
}

async function steps(inside: Inside, turn: Turn, model: Model, signal: AbortSignal): Promise<Ending> {
  const { db, registry, limits } = inside
  const { request } = turn
  for (let step = 0; step < limits.steps; step++) {
    if (!model.needsMemory && turn.exchanges.length) return { text: '' }
    if (turn.used.input + turn.used.output >= limits.tokens) return { stop: 'tokens' }
    const labels = [...turn.history.map((passage) => passage.label), ...turn.exchanges.flatMap(labelsOf)]
    const situation = await loadSituation(db, request.actor, registry, labels)
    if (!situation) return { text: 'You have no access here. An administrator can give it to you.' }

    const items = requestItems(turn, situation, model.needsMemory)
    const asked = { label: turn.label, tainted: turn.tainted }
    const response = await ask(inside, turn, model, signal, {
      instructions: instructionsFor(request, situation),
      items,
      tools: situation.offered.map(toolOf),
      maxOutputTokens: limits.outputTokens,
      user: opaqueId(request.actor),
    })
    if ('stop' in response) return response
    turn.used.input += response.usage.input
    turn.used.output += response.usage.output
    if (!response.calls.length) {
      const text = cleanText(plainWords(response.text)).trim()
      return text ? { text } : { stop: 'silent' }
    }
    for (const call of response.calls) {
      if (signal.aborted) return { stop: 'aborted' }
      if (turn.exchanges.length >= limits.calls) return { stop: 'steps' }
      const tools = { db, registry, pickers: !model.needsMemory }
      turn.exchanges.push(await makeCall(tools, turn, situation, call, asked))
    }
  }
  return { stop: 'steps' }
}

const labelsOf = ({ result, asked }: Turn['exchanges'][number]) =>
  result.kind === 'outcome'
    ? [asked.label, ...result.outcome.parts.map((part) => part.label)]
    : [asked.label, result.label]

async function ask(
  { breaker, log, model: real }: Inside,
  turn: Turn,
  model: Model,
  signal: AbortSignal,
  request: Parameters<Model['respond']>[0],
): Promise<ModelResponse | { stop: Stop }> {
  if (signal.aborted) return { stop: 'aborted' }
  const stream = plainStream((text) => {
    if (turn.request.audience === 'direct' && !signal.aborted) turn.request.onText?.(text)
  })
  const { promise: aborted, resolve: abort } = Promise.withResolvers<{ stop: Stop }>()
  const onAbort = () => abort({ stop: 'aborted' })
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const asked = model.respond(request, stream.append, signal)
    // A model that does not heed the signal must not become an unhandled rejection later.
    asked.catch(() => undefined)
    const response = await Promise.race([asked, aborted])
    stream.end()
    if (!('stop' in response) && model === real) breaker.worked()
    return response
  } catch (error) {
    if (signal.aborted) return { stop: 'aborted' }
    breaker.failed()
    const reason = isTocsinError(error) ? error.message : String(error)
    log.warn({ model: model.name, reason }, 'the model failed')
    return { stop: 'down' }
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
