import { sql } from 'kysely'
import type { Tx } from '../../db/pool.ts'
import type { Sealing } from '../../encryption.ts'
import { conflict } from '../../errors.ts'
import { writeAudit } from '../audit.ts'
import { placementOf } from '../identities.ts'
import { hasAdministrator, isUnplaced, lockPeople, mergePeople } from '../people.ts'
import { planCategories } from './plan-categories.ts'
import { planChannels } from './plan-channels.ts'
import { planCustomers } from './plan-customers.ts'
import { planDepartments, planFormerDepartments } from './plan-departments.ts'
import { planPeople } from './plan-people.ts'
import { planPolicies } from './plan-policies.ts'
import { planPreferences } from './plan-preferences.ts'
import { planSchedules } from './plan-schedules.ts'
import { planServices } from './plan-services.ts'
import { planSettings } from './plan-settings.ts'
import { planTeams } from './plan-teams.ts'
import { planWebhooks } from './plan-webhooks.ts'
import type { Configuration } from './schema.ts'
import type { Change, Planning, Step } from './step.ts'

/** What applying the file would change, in order; empty when everything is as it says. */
export async function planConfiguration(
  tx: Tx,
  orgId: string,
  file: Configuration,
  sealing?: Sealing,
): Promise<Change[]> {
  const { steps } = await plan(tx, orgId, file, sealing)
  return steps.map(changeOf)
}

/**
 * Makes the organisation what the file says, in the caller's transaction; twice is once. Every change is audited.
 * @param sealing encrypts the secrets of webhooks; a file without them needs none.
 * @throws TocsinError conflict when it would leave the organisation without an administrator.
 */
export async function applyConfiguration(
  tx: Tx,
  orgId: string,
  file: Configuration,
  sealing?: Sealing,
): Promise<Change[]> {
  await lockPeople(tx, orgId)
  const administered = await hasAdministrator(tx, orgId)
  const { steps, planning } = await plan(tx, orgId, file, sealing)
  const { rows } = await sql<{ now: Date }>`select tocsin_now() as now`.execute(tx)
  const changes: Change[] = []
  for (const step of steps) {
    await step.run()
    const change = changeOf(step)
    changes.push(change)
    await writeAudit(
      tx,
      { orgId, name: 'configuration file', surface: 'command_line' },
      {
        operation: 'apply_configuration',
        subject: `${change.section}: ${change.subject}`,
        old: change.old,
        new: { action: change.action, ...change.new },
        label: ['view_audit'],
      },
      rows[0]!.now,
    )
  }
  await attachIdentities(planning)
  if (administered && !(await hasAdministrator(tx, orgId))) {
    throw conflict(
      'Nothing was applied: the file would leave no active administrator. Give one person admin: true.',
    )
  }
  return changes
}

const changeOf = ({ run: _, ...change }: Step): Change => change

async function plan(
  tx: Tx,
  orgId: string,
  file: Configuration,
  sealing?: Sealing,
): Promise<{ steps: Step[]; planning: Planning }> {
  const teamIds = new Map<string, string>()
  const planning: Planning = { tx, orgId, file, sealing, teamIds, serviceIds: new Map(), personIds: [] }
  const steps: Step[] = []
  // In this order: each section may name what stands before it.
  for (const section of [
    planDepartments,
    planTeams,
    planPeople,
    planCategories,
    planServices,
    planCustomers,
    planSchedules,
    planWebhooks,
    planPolicies,
    planChannels,
    planSettings,
    planPreferences,
    planFormerDepartments,
  ]) {
    steps.push(...(await section(planning)))
  }
  return { steps, planning }
}

/** Accounts that the file names (`people[].on`) and that are known already belong to that person from now on. */
async function attachIdentities({ tx, orgId, file, personIds }: Planning): Promise<void> {
  for (const [index, { on = {} }] of file.people.entries()) {
    for (const [platform, user] of Object.entries(on)) {
      const { rows } = await sql<{ person_id: string | null }>`
        update identities i set person_id = ${personIds[index]!}
        from workspaces w, identities before
        where i.org_id = ${orgId} and w.org_id = i.org_id and w.id = i.workspace_id and w.platform = ${platform}
          and before.org_id = i.org_id and before.workspace_id = i.workspace_id
          and before.external_id = i.external_id
          and i.external_id = ${user} and i.person_id is distinct from ${personIds[index]!} and i.kind = 'member'
        returning before.person_id`.execute(tx)
      for (const { person_id } of rows) {
        const former = person_id ? await placementOf(tx, orgId, person_id) : undefined
        if (former && isUnplaced(former)) await mergePeople(tx, orgId, person_id!, personIds[index]!)
      }
    }
  }
}
