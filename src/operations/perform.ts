import { z } from 'zod'
import type { Actor } from '../core/actor.ts'
import { writeAudit } from '../core/audit.ts'
import { findHolders } from '../core/holders.ts'
import { type Arrival, completeInbox, recordArrival } from '../core/inbox.ts'
import { findIncident, type Incident, parseKey } from '../core/incidents.ts'
import { type Label, mayRead, onIncident, type Reader } from '../core/labels.ts'
import type { Outcome } from '../core/outcome.ts'
import { holds, type Permission } from '../core/permissions.ts'
import { loadReader } from '../core/reader.ts'
import { loadStanding, type Standing } from '../core/standing.ts'
import { type Db, inOrg, type OrgTx } from '../db/pool.ts'
import { denied, invalidInput, isTocsinError, notFound, type TocsinError } from '../errors.ts'
import type { AnyOperation, Scope } from './define.ts'

export type PerformOptions = {
  /** The inbox row that asked. It is completed in the same transaction, so its effect happens once. */
  inboxId?: string
  /** A request that is answered synchronously: recorded as seen in the same transaction, instead of queued. */
  record?: Arrival
  /** False while more is to come for the same row (an agent's turn): then the row stays open. */
  completes?: boolean
  /** The version of the incident that a clicked card showed. */
  asOf?: number
  /**
   * Runs inside the transaction with what came of it: writes the answer into the outbox, journals a tool call.
   * For a refusal or an error it runs in a transaction of its own, in which nothing else happened.
   */
  settle?: (scope: Settled, result: Outcome | TocsinError) => Promise<void>
}

export type Settled = OrgTx & { standing?: Standing; reader: Reader; incident?: Incident }

const nobody: Reader = () => false

/** Somebody else completed the row: not an error, and nothing may happen a second time. */
class AlreadyDone extends Error {}

/**
 * The only way to run an operation, for every surface: parses the input, opens the transaction, loads and locks the
 * incident, authorises against the roles of that moment, runs, writes the audit row and the outgoing notifications,
 * completes the inbox row, commits. No network call happens inside it.
 * @throws TocsinError denied, not_found, conflict, invalid_input; anything else is a fault of ours or the database's.
 * @returns undefined when the inbox row had been completed before, by this or another replica.
 */
export async function perform(
  db: Db,
  actor: Actor,
  operation: AnyOperation,
  rawInput: unknown,
  options: PerformOptions = {},
): Promise<Outcome | undefined> {
  try {
    return await inOrgRetrying(db, actor.orgId, async (org) => {
      const input = parseInput(operation, rawInput)
      if (!(await firstTime(org, options))) throw new AlreadyDone()
      const scope = await openScope(org, actor, operation, input, options)
      await authorise(scope, operation, input)
      const outcome: Outcome = await operation.run(scope, input)
      await options.settle?.({ ...org, ...(await settledOf(scope, outcome)) }, outcome)
      return outcome
    })
  } catch (error) {
    if (error instanceof AlreadyDone) return undefined
    if (!isTocsinError(error)) throw error
    await recordRefusal(db, actor, operation, error, options)
    throw error
  }
}

/** False when the request was worked before, by this or another replica: then nothing may happen again. */
async function firstTime({ tx, orgId }: OrgTx, options: PerformOptions): Promise<boolean> {
  if (options.record) return recordArrival(tx, options.record)
  if (!options.inboxId || options.completes === false) return true
  return completeInbox(tx, orgId, options.inboxId)
}

/** Two requests that locked the same rows crosswise: Postgres ends one, which then finds the other's work done. */
const deadlock = '40P01'

async function inOrgRetrying<T>(
  db: Db,
  orgId: string,
  work: (org: OrgTx) => Promise<T>,
  tries = 3,
): Promise<T> {
  try {
    return await inOrg(db, orgId, work)
  } catch (error) {
    const code = (error as { code?: unknown } | null)?.code
    if (code !== deadlock || tries <= 1) throw error
    return inOrgRetrying(db, orgId, work, tries - 1)
  }
}

/** The asker as a reader of what came of it: of the incident as they came, of others (a new one) as they stand now. */
async function settledOf(scope: Scope<'incident' | undefined>, outcome: Outcome) {
  const { tx, orgId, standing, reader, incident } = scope
  const labels = outcome.parts.map((part) => part.label)
  if (labels.every((label) => mayRead(reader, label))) return { standing, reader, incident }
  const now = await loadReader(tx, orgId, standing, labels)
  const either: Reader = (permission, incidentId) =>
    reader(permission, incidentId) || now(permission, incidentId)
  return { standing, reader: either, incident }
}

/** The schema's word on the input, as one sentence that names the field. */
export function parseInput(operation: AnyOperation, rawInput: unknown): Record<string, unknown> {
  const parsed = operation.input.safeParse(rawInput, { reportInput: true })
  if (parsed.success) return parsed.data as Record<string, unknown>
  const issue = parsed.error.issues[0]!
  const field = issue.path.map(String).join('.') || 'input'
  const { incident } = (rawInput ?? {}) as { incident?: unknown }
  const key = typeof incident === 'string' && parseKey(incident) ? incident.trim().toUpperCase() : undefined
  throw invalidInput(`${field} ${sentenceOf(issue)}.`, {
    field,
    usage: operation.verb?.usage,
    ...(key && { incidentKey: key }),
  })
}

const sentenceOf = (issue: z.core.$ZodIssue): string => {
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.join(', ')}`
  if (issue.code === 'invalid_type' && issue.input === undefined) return 'is missing'
  if (issue.code === 'unrecognized_keys') return `has unknown fields: ${issue.keys.join(', ')}`
  return issue.message.replace(/\.$/, '')
}

async function openScope(
  org: OrgTx,
  actor: Actor,
  operation: AnyOperation,
  input: Record<string, unknown>,
  options: PerformOptions,
): Promise<Scope<'incident' | undefined>> {
  const { tx, orgId, now } = org
  const standing = await loadStanding(tx, orgId, actor.personId)
  if (!standing) throw denied('You have no access here. An administrator can give it to you.')
  let incident: Incident | undefined
  if (operation.subject === 'incident') {
    const key = String(input.incident)
    incident = await findIncident(tx, orgId, key, standing, operation.effect !== 'read')
    if (!incident) throw notFound(`There is no incident ${key.toUpperCase()} that you may see.`)
  }
  const held = incident?.holdings ?? standing.holdings
  const reader: Reader = (permission, incidentId) =>
    (incidentId === incident?.id ? held : standing.holdings).has(permission)
  const scope: Scope<'incident' | undefined> = {
    tx,
    orgId,
    now,
    actor,
    standing,
    reader,
    incident,
    asOf: options.asOf,
    inboxId: options.inboxId,
    require: async (permission, teamId) => {
      if (holds(held, permission, { teamId: teamId ?? incident?.team_id, ownTeams: standing.teamIds })) return
      throw await refusal(scope, operation, permission, teamId)
    },
    audit: (entry) => writeAudit(tx, actor, entry, now, options.inboxId),
  }
  return scope
}

async function authorise(
  scope: Scope<'incident' | undefined>,
  operation: AnyOperation,
  input: Record<string, unknown>,
): Promise<void> {
  const rule = operation.permission
  // Knowing of an incident is the first permission of everything on it.
  if (operation.subject === 'incident') await scope.require('view_incident')
  if (rule === undefined) return
  await scope.require(typeof rule === 'string' ? rule : rule.needed(scope, input))
}

/** A refusal that explains itself: what was not done, which permission is missing, who has it. */
async function refusal(
  scope: Scope<'incident' | undefined>,
  operation: AnyOperation,
  permission: Permission,
  teamId?: string | null,
): Promise<TocsinError> {
  const holders = await findHolders(
    scope.tx,
    scope.orgId,
    permission,
    teamId ?? scope.incident?.team_id,
    scope.actor.personId,
  )
  return denied(`${undone(operation, scope.incident?.key)}: that needs ${permission}.`, {
    permission,
    holders,
    quotes: holders.some(({ selfNamed }) => selfNamed),
    incidentKey: scope.incident?.key,
    incidentId: scope.incident?.id,
    label: scope.incident && onIncident(scope.incident, ['view_audit']),
  })
}

/** What was not done, in the operation's own words. */
const undone = ({ undone: words }: AnyOperation, key = 'It'): string =>
  words ? words.replace('KEY', key) : 'That was not done'

/** A refused or failed request has its answer and, when refused, its line in the audit log. */
async function recordRefusal(
  db: Db,
  actor: Actor,
  operation: AnyOperation,
  error: TocsinError,
  options: PerformOptions,
): Promise<void> {
  await inOrg(db, actor.orgId, async (org) => {
    // A dialog that was refused stays open and is sent again under the same id: only what was done is seen as done.
    if (!options.record && !(await firstTime(org, options))) return
    if (error.kind === 'denied') {
      const subject = [operation.name, error.detail.permission, error.detail.incidentKey]
      await writeAudit(
        org.tx,
        actor,
        {
          operation: operation.name,
          outcome: 'denied',
          incidentId: error.detail.incidentId,
          subject: subject.filter(Boolean).join(' '),
          label: (error.detail.label as Label | undefined) ?? ['view_audit'],
        },
        org.now,
        options.inboxId,
      )
    }
    await options.settle?.({ ...org, reader: nobody }, error)
  })
}

/** The input schemas that many operations share. */
export const incidentKey = z
  .string()
  .trim()
  .regex(/^inc-\d{1,9}$/i, 'must be an incident key such as INC-001')
  .transform((key) => key.toUpperCase())
