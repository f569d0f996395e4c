import { uuid } from '../../db/uuid.ts'
import { writeAudit } from '../audit.ts'
import { nextNumber } from '../incidents.ts'
import { onIncident, plain } from '../labels.ts'
import type { Filled } from './fill.ts'
import * as told from './story.ts'

/** INC-001 with its comments, costs and timeline, as if it had been declared a quarter of an hour ago. */
export async function fillIncident(filled: Filled): Promise<void> {
  const { tx, orgId, now, people } = filled
  const incident = { org_id: orgId, id: uuid(), private: false }
  const at = (minute: number) => new Date(now.getTime() - (told.story.at(-1)!.minute + 2 - minute) * 60_000)
  const person = (user: string) => people.get(user)!
  await tx
    .insertInto('incidents')
    .values({
      ...incident,
      number: await nextNumber(tx, orgId),
      title: told.title,
      description: told.description,
      priority: 'P1',
      reporter_id: person('pat').id,
      team_id: filled.teams.get('platform')!,
      department: 'IT',
      category: 'Database',
      business_impact: told.businessImpact,
      customers_affected: told.customersAffected,
      version: told.story.length,
      created_at: at(0),
      updated_at: at(told.story.at(-1)!.minute),
    })
    .execute()
  await attach(filled, incident.id)
  for (const step of told.story) {
    const by = person(step.by)
    const row = { org_id: orgId, id: uuid(), incident_id: incident.id, created_at: at(step.minute) }
    if (step.operation === 'comment') {
      const { text, visibility } = step.new as { text: string; visibility: 'public' | 'internal' }
      await tx
        .insertInto('comments')
        .values({ ...row, author_id: by.id, visibility, body: text })
        .execute()
    }
    if (step.operation === 'record_cost') {
      const { kind, amount, text } = step.new as { kind: 'direct' | 'penalty'; amount: string; text: string }
      await tx
        .insertInto('spendings')
        .values({ ...row, kind, amount, what: text, recorded_by: by.id })
        .execute()
    }
    await writeAudit(
      tx,
      { orgId, personId: by.id, name: by.name, surface: 'console' },
      {
        operation: step.operation,
        incidentId: incident.id,
        old: step.old,
        new: step.new,
        label: onIncident(incident, step.label ?? plain),
      },
      at(step.minute),
    )
  }
}

async function attach({ tx, orgId, now, people, services, customers }: Filled, id: string): Promise<void> {
  const row = { org_id: orgId, incident_id: id }
  await tx
    .insertInto('incident_services')
    .values(told.affectedServices.map((name) => ({ ...row, service_id: services.get(name)! })))
    .execute()
  await tx
    .insertInto('incident_customers')
    .values(told.affectedCustomers.map((name) => ({ ...row, customer_id: customers.get(name)! })))
    .execute()
  const followers = new Set(['pat', ...told.story.map((step) => step.by)])
  await tx
    .insertInto('incident_people')
    .values(
      [...followers].map((user) => ({
        ...row,
        person_id: people.get(user)!.id,
        relation: 'follower' as const,
        at: now,
      })),
    )
    .execute()
}
