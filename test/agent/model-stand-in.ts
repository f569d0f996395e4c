/** A local server that speaks the Responses API's streaming form, answers as it is told and keeps every request. */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type StandInRequest = {
  model: string
  instructions: string
  input: Record<string, unknown>[]
  tools: {
    type: string
    name: string
    strict: boolean
    description: string
    parameters: Record<string, unknown>
  }[]
  [name: string]: unknown
}

export type StandInCall = { name: string; arguments: Record<string, unknown> | string }

export type StandInAnswer =
  | { text: string; chunks?: number }
  | { calls: StandInCall[]; text?: string }
  /** Events as they are; a string goes out raw. The stream then ends. */
  | { events: (Record<string, unknown> | string)[] }
  | { status: number; body?: string }
  /** Says nothing until the caller gives up. */
  | { hang: true; begin?: boolean }

export type ModelStandIn = {
  url: string
  requests: StandInRequest[]
  /** Raw bodies, to look for text that must not be there. */
  bodies: string[]
  headers: Record<string, unknown>[]
  respond: (request: StandInRequest, number: number) => StandInAnswer | Promise<StandInAnswer>
  stop(): Promise<void>
}

export async function startModelStandIn(options: {
  respond: ModelStandIn['respond']
}): Promise<ModelStandIn> {
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString()
    if (incoming.method !== 'POST' || incoming.url !== '/v1/responses') {
      response.writeHead(404).end()
      return
    }
    const request = JSON.parse(body) as StandInRequest
    standIn.bodies.push(body)
    standIn.headers.push(incoming.headers)
    standIn.requests.push(request)
    send(response, await standIn.respond(request, standIn.requests.length))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const standIn: ModelStandIn = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests: [],
    bodies: [],
    headers: [],
    respond: options.respond,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return standIn
}

function send(response: ServerResponse, answer: StandInAnswer): void {
  if ('status' in answer) {
    response.writeHead(answer.status, { 'content-type': 'application/json' })
    response.end(answer.body ?? JSON.stringify({ error: { message: 'no', code: 'stand_in' } }))
    return
  }
  if ('hang' in answer && !answer.begin) return
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const event = (data: Record<string, unknown> | string) =>
    response.write(typeof data === 'string' ? data : `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`)
  if ('hang' in answer) {
    event({ type: 'response.created', response: { id: 'resp_1', output: [] } })
    return
  }
  const events = 'events' in answer ? answer.events : eventsOf(answer)
  for (const data of events) event(data)
  response.end()
}

/** The events of a whole answer: text in pieces, then the calls, then completed. */
export function eventsOf(answer: {
  text?: string
  chunks?: number
  calls?: StandInCall[]
}): Record<string, unknown>[] {
  const output: Record<string, unknown>[] = []
  const events: Record<string, unknown>[] = [
    { type: 'response.created', response: { id: 'resp_1', output: [] } },
  ]
  if (answer.text) {
    const size = Math.max(1, Math.ceil(answer.text.length / (answer.chunks ?? 3)))
    for (let at = 0; at < answer.text.length; at += size) {
      events.push({
        type: 'response.output_text.delta',
        item_id: 'msg_1',
        delta: answer.text.slice(at, at + size),
      })
    }
    output.push({
      type: 'message',
      id: 'msg_1',
      role: 'assistant',
      content: [{ type: 'output_text', text: answer.text }],
    })
  }
  for (const [index, call] of (answer.calls ?? []).entries()) {
    const item = {
      type: 'function_call',
      id: `fc_${index}`,
      call_id: `call_${Math.random().toString(36).slice(2, 10)}`,
      name: call.name,
      arguments: typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments),
    }
    output.push(item)
    events.push({ type: 'response.output_item.done', output_index: index, item })
  }
  const usage = { input_tokens: 100, output_tokens: 20, total_tokens: 120 }
  events.push({ type: 'response.completed', response: { id: 'resp_1', status: 'completed', output, usage } })
  return events
}

/** The results of the turn's own calls that a request already holds, for a stand-in without memory. */
export const resultsIn = (request: StandInRequest): string[] =>
  request.input
    .slice(request.input.findLastIndex((item) => item.role === 'user'))
    .filter((item) => item.type === 'function_call_output')
    .map((item) => String(item.output))
