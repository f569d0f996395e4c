import type { Tx } from '../../db/pool.ts'
import type { Sealing } from '../../encryption.ts'
import type { Configuration } from './schema.ts'

/** One thing that applying the file changes. */
export type Change = {
  section: string
  action: 'add' | 'change' | 'release' | 'deactivate' | 'remove' | 'keep for later'
  subject: string
  old?: Record<string, unknown>
  new?: Record<string, unknown>
}

/** A change and how it is made. Steps run in the order in which they were planned. */
export type Step = Change & { run: () => Promise<unknown> }

export type Planning = {
  tx: Tx
  orgId: string
  file: Configuration
  /** By lower-cased name; those that are about to be made are there already. */
  teamIds: Map<string, string>
  serviceIds: Map<string, string>
  /** The person each entry of `people` stands for, by its index. */
  personIds: string[]
  /** For the secrets of webhooks; a file without webhooks needs none. */
  sealing?: Sealing
}

export const describeChange = ({ section, action, subject, old, new: now }: Change): string => {
  const names = [...new Set([...Object.keys(old ?? {}), ...Object.keys(now ?? {})])]
  const values = names.map((name) =>
    old && name in old
      ? `${name} ${shown(old[name])} → ${shown(now?.[name])}`
      : `${name} ${shown(now?.[name])}`,
  )
  return `${action} ${section}: ${subject}${values.length ? ` (${values.join(', ')})` : ''}`
}

const shown = (value: unknown): string => {
  if (value === undefined || value === null || value === '') return 'none'
  if (Array.isArray(value)) return value.length ? value.join(' ') : 'none'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** The fields of `wanted` whose value differs; undefined when none does. */
export function difference(
  now: Record<string, unknown>,
  wanted: Record<string, unknown>,
): { old: Record<string, unknown>; new: Record<string, unknown> } | undefined {
  const names = Object.keys(wanted).filter((name) => canonical(now[name]) !== canonical(wanted[name]))
  if (!names.length) return undefined
  return {
    old: Object.fromEntries(names.map((name) => [name, now[name] ?? null])),
    new: Object.fromEntries(names.map((name) => [name, wanted[name] ?? null])),
  }
}

/** JSON with its keys in order: jsonb gives them back in an order of its own. */
export const canonical = (value: unknown): string => JSON.stringify(sorted(value ?? null))

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!value || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}
