import { listPolicies } from '../../src/operations/policies/list-policies.ts'
import { removePolicy } from '../../src/operations/policies/remove-policy.ts'
import { savePolicy } from '../../src/operations/policies/save-policy.ts'
import { showPolicy } from '../../src/operations/policies/show-policy.ts'
import { testPolicy } from '../../src/operations/policies/test-policy.ts'
import { createWorld } from '../people/support.ts'

const operations = [savePolicy, showPolicy, removePolicy, testPolicy, listPolicies]

/** An organisation with a team of four, a service in it, and an administrator who types verbs. */
export async function policyWorld() {
  const world = await createWorld()
  const payments = await world.team('payments')
  const platform = await world.team('platform')
  const person = (name: string, set: Parameters<typeof world.person>[1] = {}) =>
    world.person(name, { email: `${name.split(' ')[0]!.toLowerCase()}@example.com`, ...set })
  const people = {
    ada: await person('Ada Admin', { admin: true }),
    ida: await person('Ida Torres', { rank: 'oncall_engineer', teams: [payments] }),
    lena: await person('Lena Lead', { rank: 'team_lead', teams: [payments] }),
    leo: await person('Leo Lead', { rank: 'team_lead', teams: [platform] }),
    cato: await person('Cato Chief', { rank: 'cto' }),
  }
  await world.owner
    .insertInto('services')
    .values({ org_id: world.orgId, id: crypto.randomUUID(), name: 'api-gateway', team_id: payments })
    .execute()
  await world.owner
    .insertInto('services')
    .values({ org_id: world.orgId, id: crypto.randomUUID(), name: 'ledger', team_id: payments })
    .execute()
  await world.owner
    .insertInto('categories')
    .values({ org_id: world.orgId, name: 'Database', department: 'IT' })
    .execute()
  let number = 0
  return {
    ...world,
    people,
    teamIds: { payments, platform },
    /** Types a `policies` line; the longest verb that the line begins with is meant. */
    async type(line: string, as = people.ada) {
      const operation = operations.find(({ verb }) => line.startsWith(verb!.words.join(' ')))!
      let rest = line.slice(operation.verb!.words.join(' ').length).trim()
      let key: string | undefined
      if (operation.subject === 'incident') {
        key = rest
        rest = ''
      }
      const input = operation.verb!.parse(rest)
      if (!input) throw new Error(`no such verb: ${line}`)
      return world.as(as, operation, { ...input, ...(key && { incident: key }) })
    },
    /** An incident, with the services that it affects. */
    async incident(
      set: {
        priority?: 'P1' | 'P2' | 'P3'
        team_id?: string | null
        category?: string
        private?: boolean
      } = {},
      services: string[] = [],
    ) {
      number += 1
      const id = crypto.randomUUID()
      await world.owner
        .insertInto('incidents')
        .values({
          org_id: world.orgId,
          id,
          number,
          title: 'Checkout is down',
          priority: 'P2',
          team_id: payments,
          ...nothing,
          ...set,
        })
        .execute()
      for (const name of services) {
        const { id: service_id } = await world.owner
          .selectFrom('services')
          .select('id')
          .where('name', '=', name)
          .executeTakeFirstOrThrow()
        await world.owner
          .insertInto('incident_services')
          .values({ org_id: world.orgId, incident_id: id, service_id })
          .execute()
      }
      return world.owner.selectFrom('incidents').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    },
    /** An account in the Slack workspace. */
    async account(personId: string, user: string) {
      await world.owner
        .insertInto('identities')
        .values({
          org_id: world.orgId,
          workspace_id: world.slack.id,
          external_id: user,
          person_id: personId,
          name: user,
          email: null,
          kind: 'member',
        })
        .execute()
    },
  }
}

const nothing = {
  description: null,
  reporter_id: null,
  assignee_id: null,
  department: null,
  category: null,
  business_impact: null,
  customers_affected: null,
  merged_into: null,
  acknowledged_at: null,
  acknowledged_by: null,
  resolved_at: null,
  closed_at: null,
  reminded_at: null,
}

/** The sentence that a refusal gives. */
export const refusal = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => 'it was not refused',
    (error: Error) => error.message,
  )
