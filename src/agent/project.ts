import { type Label, mayRead, missing, plain, type Reader, union } from '../core/labels.ts'
import type { Outcome, Part } from '../core/outcome.ts'
import type { TocsinError } from '../errors.ts'
import type { CallResult, Exchange, Passage } from './exchange.ts'

export type Projection = { output: string; label: Label; foreign: boolean }

/** A tool result as the model reads it on behalf of one reader: compact JSON of the parts that they may read. */
export function project(result: CallResult, reader: Reader, askerId: string, most: number): Projection {
  if (result.kind === 'outcome') return projectOutcome(result.outcome, reader, askerId, most)
  if (!mayRead(reader, result.label)) {
    return {
      output: JSON.stringify({ withheld: missing(reader, result.label) }),
      label: plain,
      foreign: false,
    }
  }
  const data = result.kind === 'error' ? errorData(result.error) : result.note
  const foreign = result.kind === 'error' && result.error.detail.quotes === true
  return { output: JSON.stringify(data).slice(0, most).toWellFormed(), label: result.label, foreign }
}

function projectOutcome(outcome: Outcome, reader: Reader, askerId: string, most: number): Projection {
  const readable = outcome.parts.filter((part) => mayRead(reader, part.label))
  const withheld = [
    ...new Set(
      outcome.parts.filter((part) => !readable.includes(part)).flatMap((part) => missing(reader, part.label)),
    ),
  ]
  const shown: object[] = []
  let left = most
  for (const part of readable) {
    const data = partData(part)
    const size = JSON.stringify(data).length
    if (size > left) break
    left -= size
    shown.push(data)
  }
  const cut = readable.length - shown.length
  // One part alone may be too long (a document): then its beginning, as text.
  if (!shown.length && readable[0])
    shown.push({ begins: JSON.stringify(partData(readable[0])).slice(0, most).toWellFormed() })
  return {
    output: JSON.stringify({
      ok: true,
      parts: shown,
      ...(cut > 0 ? { shortened: `${cut} more parts are not shown` } : {}),
      ...(withheld.length ? { withheld } : {}),
    }),
    label: union(plain, ...readable.map((part) => part.label)),
    foreign: readable.some((part) => part.authors?.some((author) => author !== askerId)),
  }
}

/** Ids, versions and labels say nothing to a model. */
function partData({ label: _, authors: __, ...data }: Part): object {
  if (data.kind !== 'incident') return data
  const { id: _id, version: _version, reporter, assigneePerson, roles, ...incident } = data.incident
  return {
    kind: data.kind,
    incident: {
      ...incident,
      reporter: reporter?.name,
      assignee: assigneePerson?.name ?? incident.assignee,
      roles: roles.map(({ role, person }) => ({ role, person: person.name })),
    },
  }
}

const errorData = (error: TocsinError) => ({
  ok: false,
  error: error.kind,
  sentence: error.message,
  missing: error.detail.permission,
  can: error.detail.holders?.map(({ name, why }) => `${name} (${why})`),
  allowed: error.detail.allowed,
  usage: error.detail.usage,
})

export function passageOf(exchange: Exchange, reader: Reader, askerId: string, most: number): Passage {
  const { output, label, foreign } = project(exchange.result, reader, askerId, most)
  return {
    items: [
      { type: 'call', callId: exchange.callId, name: exchange.tool, arguments: exchange.arguments },
      { type: 'result', callId: exchange.callId, output },
    ],
    label: union(exchange.asked.label, label),
    foreign: foreign || exchange.asked.tainted,
    private: false,
  }
}
