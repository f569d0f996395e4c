import { sql } from 'kysely'
import { type Label, onIncident, plain, union } from '../core/labels.ts'
import type { Outcome } from '../core/outcome.ts'
import { type Db, inOrg, type Tx } from '../db/pool.ts'
import { type ErrorDetail, type ErrorKind, isTocsinError, TocsinError } from '../errors.ts'
import type { CallResult, Exchange } from './exchange.ts'

export type JournalEntry = {
  number: number
  operation: string
  input: Record<string, unknown>
  result: CallResult
  asked: Exchange['asked']
}

type Stored = { asked: Exchange['asked'] } & (
  | { outcome: Outcome }
  | { error: { kind: ErrorKind; message: string; detail: ErrorDetail }; label: Label }
)

/** Another replica works this turn or has finished it: nothing more may happen here. */
export class Superseded extends Error {}

/** The turn's calls that committed, in order: by a replica that died, or earlier in this one. */
export async function loadJournal(db: Db, orgId: string, turnId: string): Promise<JournalEntry[]> {
  const rows = await inOrg(db, orgId, ({ tx }) =>
    tx
      .selectFrom('tool_calls')
      .select(['number', 'operation', 'arguments', 'result'])
      .where('org_id', '=', orgId)
      .where('turn_id', '=', turnId)
      .orderBy('number')
      .execute(),
  )
  return rows.map((row) => ({
    number: row.number,
    operation: row.operation,
    input: row.arguments,
    result: revive(row.result as Stored),
    asked: (row.result as Stored).asked,
  }))
}

function revive(stored: Stored): CallResult {
  if ('outcome' in stored) return { kind: 'outcome', outcome: stored.outcome }
  const { kind, message, detail } = stored.error
  const already = detail.already && { ...detail.already, at: new Date(detail.already.at) }
  return { kind: 'error', error: new TocsinError(kind, message, { ...detail, already }), label: stored.label }
}

/**
 * Writes one call into the journal, in the transaction of its effect. The number is the turn's: whoever comes second
 * with it, or after the row was completed, does nothing.
 * @throws Superseded, which undoes the effect.
 */
export async function journal(
  tx: Tx,
  turn: { orgId: string; turnId: string },
  call: Omit<JournalEntry, 'result'>,
  result: Outcome | TocsinError,
): Promise<CallResult> {
  const made: CallResult = isTocsinError(result)
    ? { kind: 'error', error: result, label: await labelOfRefusal(tx, turn.orgId, call.input, result) }
    : { kind: 'outcome', outcome: result }
  const { rows } = await sql`
    insert into tool_calls (org_id, turn_id, number, operation, arguments, outcome, result)
    select ${turn.orgId}::uuid, ${turn.turnId}::uuid, ${call.number}::int, ${call.operation},
      ${JSON.stringify(call.input)}::jsonb, ${outcomeWord(result)}, ${JSON.stringify({ ...storedOf(made), asked: call.asked })}::jsonb
    where not exists (select from inbox
      where org_id = ${turn.orgId} and id = ${turn.turnId} and state <> 'queued')
    on conflict do nothing returning number`.execute(tx)
  if (!rows.length) throw new Superseded()
  return made
}

const outcomeWord = (result: Outcome | TocsinError) =>
  isTocsinError(result) ? (result.kind === 'denied' ? 'denied' : 'failed') : 'done'

const storedOf = (made: CallResult) => {
  if (made.kind === 'outcome') return { outcome: made.outcome }
  if (made.kind !== 'error') return undefined
  const { kind, message, detail } = made.error
  return { error: { kind, message, detail }, label: made.label }
}

/** A refusal names incidents; that a private one exists is known to its own people alone. */
async function labelOfRefusal(
  tx: Tx,
  orgId: string,
  input: Record<string, unknown>,
  error: TocsinError,
): Promise<Label> {
  const said = `${JSON.stringify(input)} ${error.message} ${JSON.stringify(error.detail)}`
  const numbers = [...said.matchAll(/\binc-0*(\d{1,9})\b/gi)].map((match) => Number(match[1]))
  if (!numbers.length) return plain
  const hidden = await tx
    .selectFrom('incidents')
    .select(['id', 'private'])
    .where('org_id', '=', orgId)
    .where('number', 'in', numbers)
    .where('private', '=', true)
    .execute()
  return union(plain, ...hidden.map((incident) => onIncident(incident, plain)))
}

/** The same call whatever the order of its arguments. */
export const fingerprint = (operation: string, input: unknown): string =>
  `${operation} ${JSON.stringify(sorted(input))}`

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!value || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  )
}
