import { sql } from 'kysely'
import type { Tx } from '../../db/pool.ts'
import type { IncidentStatus, Priority } from '../../db/schema.ts'
import { uuid } from '../../db/uuid.ts'
import { loadPolicy } from '../policies/load.ts'
import { builtIn, type Policy } from '../policies/policy.ts'
import type { Progress } from './progress.ts'

export type EscalationState = 'running' | 'snoozed' | 'acknowledged'

/** An escalation that is not over; `dueAt` is when a running one goes on, a snoozed one wakes. */
export type Escalation = Progress & {
  id: string
  incidentId: string
  policyId: string | null
  policyVersion: number | null
  state: EscalationState
  /** Seconds that a snoozed one has left of its due time. */
  remaining: number | null
}

/** What of an incident decides who is paged for it. */
export type Escalating = {
  org_id: string
  id: string
  key: string
  title: string
  status: IncidentStatus
  priority: Priority
  private: boolean
  team_id: string | null
  category: string | null
  department: string | null
}

/** Who did what time does. */
export const timer = (orgId: string) => ({ orgId, name: 'Tocsin', surface: 'timer' as const })

export async function liveEscalation(
  tx: Tx,
  orgId: string,
  incidentId: string,
): Promise<Escalation | undefined> {
  const { rows } = await sql<Escalation>`
    select id, incident_id as "incidentId", policy_id as "policyId", policy_version as "policyVersion", state,
      round, step, due_at as "dueAt", remaining
    from escalations where org_id = ${orgId} and incident_id = ${incidentId}
      and state in ('running', 'snoozed', 'acknowledged') for update`.execute(tx)
  return rows[0]
}

/** The policy as it was when the escalation began. */
export const policyOf = (
  tx: Tx,
  orgId: string,
  { policyId, policyVersion }: Pick<Escalation, 'policyId' | 'policyVersion'>,
): Promise<Policy> => (policyId ? loadPolicy(tx, orgId, policyId, policyVersion!) : Promise.resolve(builtIn))

export async function insertEscalation(
  tx: Tx,
  orgId: string,
  incidentId: string,
  policy: Policy,
  as: Progress & { state?: EscalationState; remaining?: number | null },
): Promise<string> {
  const id = uuid()
  await tx
    .insertInto('escalations')
    .values({
      org_id: orgId,
      id,
      incident_id: incidentId,
      policy_id: policy.id ?? null,
      policy_version: policy.version ?? null,
      state: as.state ?? 'running',
      round: as.round,
      step: as.step,
      due_at: as.dueAt,
      remaining: as.remaining ?? null,
    })
    .execute()
  return id
}

export async function endEscalation(
  tx: Tx,
  orgId: string,
  id: string,
  state: 'stopped' | 'exhausted',
  now: Date,
): Promise<void> {
  await tx
    .updateTable('escalations')
    .set({ state, ended_at: now })
    .where('org_id', '=', orgId)
    .where('id', '=', id)
    .execute()
}
