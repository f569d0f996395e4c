/**
 * The unit of the whole program: one small file says everything about one thing that can be done. The verb with its
 * help, the agent's tool with its JSON schema, the buttons and the generated reference all come from it.
 */
import type { z } from 'zod'
import type { Actor } from '../core/actor.ts'
import type { AuditEntry } from '../core/audit.ts'
import type { Incident } from '../core/incidents.ts'
import type { Label, Reader } from '../core/labels.ts'
import type { Outcome } from '../core/outcome.ts'
import type { Permission } from '../core/permissions.ts'
import type { Standing } from '../core/standing.ts'
import type { Tx } from '../db/pool.ts'

/** What `run` is given: the open transaction, who asks with their standing as of now, and the locked incident. */
export type Scope<Subject extends 'incident' | undefined = undefined> = {
  tx: Tx
  orgId: string
  /** The database's business time. */
  now: Date
  actor: Actor
  standing: Standing
  /** The asker as a reader of labelled facts. */
  reader: Reader
  incident: Subject extends 'incident' ? Incident : undefined
  /** The version that a clicked card showed. */
  asOf?: number
  /** The inbox row that asked, for tracing and idempotency. */
  inboxId?: string
  /** Refuses unless the asker holds it, here or for the given team. */
  require(permission: Permission, teamId?: string | null): Promise<void>
  audit(entry: AuditEntry): Promise<void>
}

/**
 * A fixed permission; `undefined` for what every known member may do; or one that depends on the case, with all
 * the permissions that may apply (the agent's tool is offered to whoever holds one of them).
 */
export type PermissionRule<Input, Subject extends 'incident' | undefined> =
  | Permission
  | undefined
  | { anyOf: Permission[]; needed: (scope: Scope<Subject>, input: Input) => Permission }

export type Verb = {
  /** The words it is typed with, the first one first: `['people', 'rank']`. */
  words: string[]
  /** One line of help, with the key first where it is on an incident: `priority [INC] P1..P5`. */
  usage: string
  /** Other first words that mean the same. */
  aliases?: string[]
  /**
   * The rest of the line, the key already taken off, as raw input; undefined when the words are no such verb,
   * so that a plain sentence that begins like one goes to the agent.
   */
  parse(rest: string): Record<string, unknown> | undefined
}

export type Operation<
  Schema extends z.ZodObject = z.ZodObject,
  Subject extends 'incident' | undefined = 'incident' | undefined,
> = {
  name: string
  /** One sentence in the imperative: the verb's help and the tool's description. */
  summary: string
  input: Schema
  /** `incident`: it is on one incident, named by the input's `incident` key, loaded and locked before `run`. */
  subject: Subject
  permission: PermissionRule<z.infer<Schema>, Subject>
  /** `external` is prepared here, approved by people, executed by a job and settled. */
  effect: 'read' | 'write' | 'external'
  /** The label of the free text that it stores. */
  writes?: Label
  /** Told by the agent in its own words while a model is connected; `run` is the plain form. */
  toldByAgent?: boolean
  /** False keeps it out of the agent's tools: decisions of people, administration. */
  tool: boolean
  verb?: Verb
  /** How a refusal begins, `KEY` standing for the incident's: `KEY was not acknowledged`. */
  undone?: string
  /** The word on the button of a card that asks to confirm it: Set, Change, Update, Apply … */
  button?: string
  run(scope: Scope<Subject>, input: z.infer<Schema>): Promise<Outcome>
}

export function defineOperation<
  Schema extends z.ZodObject,
  Subject extends 'incident' | undefined = undefined,
>(
  operation: Omit<Operation<Schema, Subject>, 'subject' | 'tool'> & { subject?: Subject; tool?: boolean },
): Operation<Schema, Subject> {
  return { tool: true, ...operation, subject: operation.subject as Subject }
}

/** Any operation, for the registry and `perform`, which know its input only as what its schema accepts. */
// biome-ignore lint/suspicious/noExplicitAny: the schema checks the input before `run` sees it
export type AnyOperation = Operation<any, any>

/** Every permission that may let somebody perform it; empty for what every known member may do. */
export function permissionsOf(operation: AnyOperation): Permission[] {
  const rule = operation.permission
  if (rule === undefined) return []
  return typeof rule === 'string' ? [rule] : rule.anyOf
}
