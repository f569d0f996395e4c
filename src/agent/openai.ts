import { setTimeout } from 'node:timers/promises'
import OpenAI from 'openai'
import type { ResponseInputItem, ResponseStreamEvent } from 'openai/resources/responses/responses'
import { isTocsinError, unavailable } from '../errors.ts'
import type { Model, ModelItem, ModelRequest } from '../ports/model.ts'
import { collect } from './openai-events.ts'

export type OpenAIOptions = {
  apiKey: string
  /** Any server that speaks the Responses API; OpenAI's own unless said. */
  baseURL?: string
  model: string
  /** Milliseconds until the response begins. */
  beginMs?: number
  /** Milliseconds between two events of its stream; a reasoning model is silent for long. */
  idleMs?: number
}

/** The model port on OpenAI's Responses API. Nothing is stored there; every request carries all it needs. */
export function openaiModel(options: OpenAIOptions): Model {
  const client = new OpenAI({
    apiKey: options.apiKey,
    baseURL: options.baseURL,
    // The package would wait as long as Retry-After says; people wait meanwhile.
    maxRetries: 0,
    timeout: options.beginMs ?? 10_000,
    // The package's own log would hold the stream's text.
    logLevel: 'off',
  })
  return {
    name: options.model,
    needsMemory: true,
    respond: async (request, onText, signal) => {
      const idle = idleSignal(options.idleMs ?? 45_000)
      try {
        const create = () =>
          client.responses.create(bodyOf(options.model, request), {
            signal: AbortSignal.any([signal, idle.signal]),
          })
        const stream = await create().catch(async (error: unknown) => {
          if (!isBrief(error)) throw error
          await setTimeout(300, undefined, { signal })
          return create()
        })
        return await collect(touching(stream, idle.touch), onText)
      } catch (error) {
        signal.throwIfAborted()
        throw isTocsinError(error) ? error : unavailable(`The model failed: ${failureOf(error)}.`)
      } finally {
        idle.stop()
      }
    },
  }
}

function bodyOf(model: string, request: ModelRequest) {
  return {
    model,
    instructions: request.instructions,
    input: request.items.map(inputOf),
    tools: request.tools.map((tool) => ({ type: 'function' as const, strict: true, ...tool })),
    parallel_tool_calls: true,
    max_output_tokens: request.maxOutputTokens,
    safety_identifier: request.user,
    store: false,
    stream: true as const,
    // A tool loop needs speed more than depth; other models refuse the parameter.
    ...(/^(gpt-5|o\d)(?!.*chat)/.test(model) ? { reasoning: { effort: 'low' as const } } : {}),
  }
}

/**
 * Items go without the provider's ids: with `store: false` it looks none up, and a call named by id would have to
 * come with the reasoning before it.
 */
function inputOf(item: ModelItem): ResponseInputItem {
  switch (item.type) {
    case 'user':
      return { role: 'user', content: item.text }
    case 'assistant':
      return { role: 'assistant', content: item.text }
    case 'call':
      return { type: 'function_call', call_id: item.callId, name: item.name, arguments: item.arguments }
    case 'result':
      return { type: 'function_call_output', call_id: item.callId, output: item.output }
  }
}

function idleSignal(milliseconds: number) {
  const controller = new AbortController()
  const timer = globalThis.setTimeout(() => controller.abort(), milliseconds)
  return { signal: controller.signal, touch: () => timer.refresh(), stop: () => clearTimeout(timer) }
}

async function* touching(stream: AsyncIterable<ResponseStreamEvent>, touch: () => void) {
  for await (const event of stream) {
    touch()
    yield event
  }
}

/** Worth one more try at once: nothing was answered, and it was neither our fault nor slowness. */
const isBrief = (error: unknown): boolean =>
  error instanceof OpenAI.APIError &&
  !(error instanceof OpenAI.APIConnectionTimeoutError) &&
  (error instanceof OpenAI.APIConnectionError || (error.status ?? 0) >= 500)

/** The kind of failure alone: a provider's message may quote the key or the request. */
function failureOf(error: unknown): string {
  if (error instanceof OpenAI.APIConnectionTimeoutError) return 'it did not begin to answer in time'
  if (error instanceof OpenAI.APIUserAbortError) return 'its answer stood still'
  if (error instanceof OpenAI.APIConnectionError) return 'it cannot be reached'
  if (error instanceof OpenAI.APIError && error.status) {
    return `it answered ${error.status}${/^[\w.-]{1,60}$/.test(error.code ?? '') ? ` (${error.code})` : ''}`
  }
  return 'its answer could not be read'
}
