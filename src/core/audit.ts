import type { Tx } from '../db/pool.ts'
import { uuid } from '../db/uuid.ts'
import type { Actor } from './actor.ts'
import { type Label, plain } from './labels.ts'

/** One line of the audit log; on an incident it is a line of the timeline too, read under its label. */
export type AuditEntry = {
  operation: string
  outcome?: 'done' | 'denied' | 'failed'
  incidentId?: string
  /** The incident's version after the change. */
  version?: number
  /** What it was about when that is no incident: a person's name, a team … */
  subject?: string
  old?: Record<string, unknown>
  new?: Record<string, unknown>
  /** Who may read it; plain unless said. */
  label?: Label
}

type Auditor = Pick<Actor, 'orgId' | 'name' | 'surface'> & { personId?: string }

export const writeAudit = (
  tx: Tx,
  actor: Auditor,
  entry: AuditEntry,
  at: Date,
  inboxId?: string,
): Promise<void> => writeAudits(tx, actor, [entry], at, inboxId)

/** Many lines of one actor at one instant. */
export async function writeAudits(
  tx: Tx,
  actor: Auditor,
  entries: AuditEntry[],
  at: Date,
  inboxId?: string,
): Promise<void> {
  if (!entries.length) return
  await tx
    .insertInto('audit')
    .values(
      entries.map((entry) => ({
        org_id: actor.orgId,
        id: uuid(),
        at,
        actor_id: actor.personId ?? null,
        actor: actor.name,
        surface: actor.surface,
        operation: entry.operation,
        outcome: entry.outcome ?? 'done',
        incident_id: entry.incidentId ?? null,
        version: entry.version ?? null,
        subject: entry.subject ?? null,
        old: entry.old ? JSON.stringify(entry.old) : null,
        new: entry.new ? JSON.stringify(entry.new) : null,
        label: [...(entry.label ?? plain)],
        inbox_id: inboxId ?? null,
      })),
    )
    .execute()
}
