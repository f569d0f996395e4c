import type { Response, ResponseOutputItem, ResponseStreamEvent } from 'openai/resources/responses/responses'
import { unavailable } from '../errors.ts'
import type { ModelResponse } from '../ports/model.ts'

/** Characters of one response; more is no answer to a chat message. */
const longest = 40_000

/**
 * Reads one response's events. What a server sends is not trusted to have the documented shape.
 * @throws TocsinError unavailable when it fails, breaks off or holds nothing usable.
 */
export async function collect(
  events: AsyncIterable<ResponseStreamEvent>,
  onText: (text: string) => void,
): Promise<ModelResponse> {
  const items: ResponseOutputItem[] = []
  let text = ''
  for await (const event of events) {
    switch (event.type) {
      case 'response.output_text.delta':
      case 'response.refusal.delta':
        if (typeof event.delta !== 'string') throw unavailable('The model sent text that is none.')
        text += event.delta
        if (text.length > longest) throw unavailable('The model does not stop talking.')
        onText(event.delta)
        break
      case 'response.output_item.done':
        if (event.item) items.push(event.item)
        break
      case 'response.completed':
        return responseOf(event.response, items, text)
      case 'response.incomplete':
        return cutShort(event.response, text)
      case 'response.failed':
        throw unavailable(`The model failed: ${wordOf(event.response?.error?.code)}.`)
      case 'error':
        throw unavailable(`The model failed: ${wordOf(event.code)}.`)
    }
  }
  throw unavailable('The model broke off in the middle of its answer.')
}

function responseOf(
  response: Response | undefined,
  items: ResponseOutputItem[],
  text: string,
): ModelResponse {
  const output = Array.isArray(response?.output) && response.output.length ? response.output : items
  const calls = output.flatMap((item) => {
    if (item?.type !== 'function_call') return []
    const { call_id: callId, name, arguments: written } = item
    if (![callId, name, written].every((value) => typeof value === 'string') || !callId || !name) {
      throw unavailable('The model called a tool in a form that cannot be read.')
    }
    return [{ callId: callId.slice(0, 64), name, arguments: written }]
  })
  const whole = text || output.map(textOf).join('')
  return { text: whole, calls, usage: usageOf(response) }
}

/** Calls of a response that was cut are dropped: their arguments may be half of what was meant. */
function cutShort(response: Response | undefined, text: string): ModelResponse {
  if (!text.trim()) {
    throw unavailable(`The model was cut short: ${wordOf(response?.incomplete_details?.reason)}.`)
  }
  return { text: `${text.trimEnd()} … (the answer was cut short)`, calls: [], usage: usageOf(response) }
}

function textOf(item: ResponseOutputItem): string {
  if (item?.type !== 'message' || !Array.isArray(item.content)) return ''
  return item.content
    .map((part) => (part.type === 'output_text' ? part.text : part.type === 'refusal' ? part.refusal : ''))
    .filter((part) => typeof part === 'string')
    .join('')
}

const usageOf = (response: Response | undefined) => ({
  input: countOf(response?.usage?.input_tokens),
  output: countOf(response?.usage?.output_tokens),
})

const countOf = (value: unknown) => (Number.isSafeInteger(value) && Number(value) > 0 ? Number(value) : 0)

/** A provider's code, never its sentence: that may quote what was sent. */
const wordOf = (code: unknown) =>
  typeof code === 'string' && /^[\w.-]{1,60}$/.test(code) ? code : 'without a reason'
