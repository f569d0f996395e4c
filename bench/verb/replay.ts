import { uuid } from '../../src/db/uuid.ts'
import type { Statement } from '../support/record.ts'
import type { Waiting } from './incidents.ts'

const anyUuid = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g

/**
 * The recorded statements with the parameters of another incident: what belonged to the recorded one becomes the
 * other's, ids that the recorded run made are made anew, everything else (organisation, person, lanes) stays.
 */
export function replay(recorded: Statement[], from: Waiting, to: Waiting, kept: Set<string>): Statement[] {
  const known = new Map([
    [from.incident, to.incident],
    [from.inbox, to.inbox],
    [from.card, to.card],
  ])
  const idFor = (id: string): string => {
    if (kept.has(id)) return id
    const other = known.get(id) ?? uuid()
    known.set(id, other)
    return other
  }
  const valueFor = (value: unknown): unknown => {
    if (typeof value === 'string') return value.replaceAll(from.key, to.key).replace(anyUuid, idFor)
    if (value === from.number) return to.number
    return Array.isArray(value) ? value.map(valueFor) : value
  }
  return recorded.map(({ values, ...statement }) => ({ ...statement, values: values.map(valueFor) }))
}
