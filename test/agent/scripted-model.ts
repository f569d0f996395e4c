import type { Model, ModelItem, ModelRequest } from '../../src/ports/model.ts'

export type ScriptedAnswer = { text?: string; calls?: { name: string; arguments: Record<string, unknown> }[] }

/** A model behind the port, without a server: answers by script and keeps every request. */
export function scriptedModel(script: (request: ModelRequest) => ScriptedAnswer) {
  const requests: ModelRequest[] = []
  let calls = 0
  const model: Model = {
    name: 'scripted',
    needsMemory: true,
    respond: async (request) => {
      requests.push(request)
      const answer = script(request)
      return {
        text: answer.text ?? '',
        calls: (answer.calls ?? []).map((call) => ({
          callId: `call-${++calls}`,
          name: call.name,
          arguments: JSON.stringify(call.arguments),
        })),
        usage: { input: 1, output: 1 },
      }
    },
  }
  return { model, requests }
}

/** The results of the turn's own calls so far. */
export const resultsOf = (request: ModelRequest): string[] =>
  ownItems(request).flatMap((item) => (item.type === 'result' ? [item.output] : []))

const ownItems = ({ items }: ModelRequest): ModelItem[] =>
  items.slice(items.findLastIndex((item) => item.type === 'user'))
