/** No card, whatever its operation, holds a word above its reader: drawn for every set of permissions. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Reader } from '../../src/core/labels.ts'
import type { Outcome } from '../../src/core/outcome.ts'
import type { Permission } from '../../src/core/permissions.ts'
import { inOrg } from '../../src/db/pool.ts'
import { uuid } from '../../src/db/uuid.ts'
import { cardOf } from '../../src/messages/card-of.ts'
import { plainText } from '../../src/messages/plain-text.ts'
import { visible } from '../../src/messages/visible.ts'
import { createOrganisation, type Member, type Organisation } from '../agent/organisation.ts'

const markers: Partial<Record<Permission, RegExp>> = {
  view_internal: /QINTERNALQ/,
  view_business_impact: /QIMPACTQ/,
  view_cost_impact: /73,?310/,
  view_customer_impact: /4,?711/,
  list_customers: /QCUSTOMERQ/,
  access_private: /QPRIVATEQ|INC-002/,
}
const names = Object.keys(markers) as Permission[]
const subsets = Array.from({ length: 2 ** names.length }, (_, bits) =>
  names.filter((_name, index) => bits & (1 << index)),
)

let org: Organisation
let all: Member
const outcomes: [string, Outcome][] = []

beforeAll(async () => {
  org = await createOrganisation()
  all = await org.member('Vera Prince', 'OPS', 'cto')
  await inOrg(org.db, org.orgId, ({ tx, orgId }) =>
    tx.updateTable('people').set({ admin: true }).where('org_id', '=', orgId).execute(),
  )
  const did = async (operation: string, input: Record<string, unknown>) => {
    const outcome = await org.as(all, operation, input)
    outcomes.push([`${operation} ${JSON.stringify(input)}`, outcome!])
  }
  await did('create_incident', { title: 'Checkout is down' })
  await did('create_incident', { title: 'QPRIVATEQ leaked', private: true })
  for (const key of ['INC-001', 'INC-002']) await hang(key)
  for (const incident of ['INC-001', 'INC-002']) {
    await did('update_business_impact', { incident, text: 'QIMPACTQ carts fail' })
    await did('comment', { incident, text: 'QINTERNALQ the vendor', internal: true })
    await did('acknowledge', { incident })
    await did('assign', { incident, person: 'Vera Prince' })
    await did('follow', { incident })
    for (const operation of ['view_incident_details', 'view_timeline', 'summarise'])
      await did(operation, { incident })
    await did('update_business_impact', { incident })
    await did('update_services', { incident })
    await did('resolve', { incident })
  }
  await did('list_incidents', { scope: 'all' })
  await did('search_incidents', { text: 'leaked' })
  await did('search_audit', {})
  await did('export_audit', {})
})
afterAll(() => org.close())

/** What no operation writes yet. */
async function hang(key: string): Promise<void> {
  const { id } = await org.incident(key)
  await inOrg(org.db, org.orgId, async ({ tx, orgId }) => {
    const customer = uuid()
    await tx
      .insertInto('customers')
      .values({
        org_id: orgId,
        id: customer,
        name: `QCUSTOMERQ of ${key === 'INC-001' ? 'one' : 'two'}`,
        contact: null,
        sla: null,
      })
      .execute()
    await tx
      .insertInto('incident_customers')
      .values({ org_id: orgId, incident_id: id, customer_id: customer })
      .execute()
    await tx
      .insertInto('spendings')
      .values({ org_id: orgId, id: uuid(), incident_id: id, kind: 'direct', amount: '73310.55', what: 'x' })
      .execute()
    await tx
      .updateTable('incidents')
      .set({ customers_affected: 4711 })
      .where('org_id', '=', orgId)
      .where('id', '=', id)
      .execute()
  })
}

test('each fact stands in some card, and in none of a reader who may not see it', () => {
  const seen = new Set<Permission>()
  for (const held of subsets) {
    // Everything that has no marker here is theirs.
    const reader: Reader = (permission) => held.includes(permission) || !names.includes(permission)
    for (const [name, outcome] of outcomes) {
      const shown = visible(outcome, reader)
      const card = cardOf(shown.outcome, shown.withheld)
      // `whole` is the command that was typed; what nobody sees has no button that could name it.
      const text = JSON.stringify({ ...card, whole: shown.outcome.parts.length ? card.whole : undefined })
      for (const permission of names) {
        const marker = markers[permission]!
        if (held.includes(permission)) {
          if (marker.test(text)) seen.add(permission)
        } else {
          expect(text, `${name} for ${held}`).not.toMatch(marker)
          expect(plainText({ ...card, whole: undefined }), `${name} for ${held}`).not.toMatch(marker)
        }
      }
    }
  }
  expect([...seen].sort()).toEqual([...names].sort())
})
