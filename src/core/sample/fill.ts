import { sql } from 'kysely'
import type { Tx } from '../../db/pool.ts'
import { uuid } from '../../db/uuid.ts'
import { ensureDepartments } from '../configuration/found.ts'
import { people } from './cast.ts'
import * as catalogue from './catalogue.ts'
import { fillIncident } from './incident.ts'
import { fillOnCall } from './on-call.ts'

/** Ids of what was filled in, by name (people by the console's id of them). */
export type Filled = {
  tx: Tx
  orgId: string
  now: Date
  people: Map<string, { id: string; name: string }>
  teams: Map<string, string>
  services: Map<string, string>
  customers: Map<string, string>
}

/**
 * The sample organisation: once, into the organisation that was founded for it. `workspaceId` is the console's: its
 * accounts are the sample people's short names.
 * @returns false when there was something already, or the organisation is a real one.
 */
export async function fillSample(tx: Tx, orgId: string, workspaceId: string): Promise<boolean> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`sample ${orgId}`}, 0))`.execute(tx)
  const { rows } = await sql<{ empty: boolean; now: Date }>`
    select not exists (select from people where org_id = ${orgId})
      and not exists (select from incidents where org_id = ${orgId})
      and (select settings ->> 'sample' = 'true' from organizations where org_id = ${orgId}) is true as empty,
      tocsin_now() as now`.execute(tx)
  const { empty, now } = rows[0]!
  if (!empty) return false
  const filled: Filled = {
    tx,
    orgId,
    now,
    people: new Map(people.map(({ user, name }) => [user, { id: uuid(), name }])),
    teams: idsOf(catalogue.teams),
    services: idsOf(catalogue.services.map((service) => service.name)),
    customers: idsOf(catalogue.customers.map((customer) => customer.name)),
  }
  await ensureDepartments(tx, orgId)
  await fillPeople(filled, workspaceId)
  await fillCatalogue(filled)
  await fillOnCall(filled)
  await fillIncident(filled)
  return true
}

const idsOf = (names: readonly string[]) => new Map(names.map((name) => [name, uuid()]))

async function fillPeople({ tx, orgId, people: ids, teams }: Filled, workspaceId: string): Promise<void> {
  await tx
    .insertInto('people')
    .values(
      people.map((person) => ({
        org_id: orgId,
        id: ids.get(person.user)!.id,
        name: person.name,
        email: `${person.user}@tocsin.example`,
        phone: null,
        time_zone: null,
        department: person.department,
        rank: person.rank,
        admin: person.admin ?? false,
        deactivated_by: null,
      })),
    )
    .execute()
  await sql`
    insert into identities (org_id, workspace_id, external_id, person_id, name, kind, checked_at)
    select ${orgId}, ${workspaceId}, * , 'member', tocsin_now() from unnest(
      ${people.map((person) => person.user)}::text[],
      ${people.map((person) => ids.get(person.user)!.id)}::uuid[],
      ${people.map((person) => person.name)}::text[])
    on conflict (org_id, workspace_id, external_id) do update
      set person_id = excluded.person_id, name = excluded.name, kind = 'member'`.execute(tx)
  await tx
    .insertInto('teams')
    .values([...teams].map(([name, id]) => ({ org_id: orgId, id, name })))
    .execute()
  await tx
    .insertInto('team_members')
    .values(
      people.flatMap((person) =>
        (person.teams ?? []).map((team) => ({
          org_id: orgId,
          team_id: teams.get(team)!,
          person_id: ids.get(person.user)!.id,
        })),
      ),
    )
    .execute()
}

async function fillCatalogue({ tx, orgId, teams, services, customers }: Filled): Promise<void> {
  await tx
    .insertInto('channels')
    .values(
      catalogue.channels.map((row) => ({
        org_id: orgId,
        platform: 'console' as const,
        channel: row.channel,
        name: row.name,
        team_id: 'team' in row ? teams.get(row.team)! : null,
        announces: 'announces' in row,
        clearance: 'clearance' in row ? [...row.clearance] : [],
      })),
    )
    .onConflict((oc) => oc.doNothing())
    .execute()
  await tx
    .insertInto('categories')
    .values(catalogue.categories.map((row) => ({ org_id: orgId, ...row })))
    .execute()
  await tx
    .insertInto('services')
    .values(
      catalogue.services.map((row) => ({
        org_id: orgId,
        id: services.get(row.name)!,
        name: row.name,
        team_id: teams.get(row.team)!,
        critical: row.critical,
        cost_per_minute: row.cost,
      })),
    )
    .execute()
  await tx
    .insertInto('customers')
    .values(
      catalogue.customers.map((row) => ({
        org_id: orgId,
        id: customers.get(row.name)!,
        name: row.name,
        contact: row.contact,
        sla: row.sla && JSON.stringify(row.sla),
      })),
    )
    .execute()
  await tx
    .insertInto('customer_services')
    .values(
      catalogue.customers.flatMap((row) =>
        row.services.map((service) => ({
          org_id: orgId,
          customer_id: customers.get(row.name)!,
          service_id: services.get(service)!,
        })),
      ),
    )
    .execute()
}
