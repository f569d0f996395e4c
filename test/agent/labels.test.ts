import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAgent } from '../../src/agent/loop.ts'
import type { Requirement } from '../../src/core/labels.ts'
import { defaultDepartments, holdingsOf, type Permission, type Rank } from '../../src/core/permissions.ts'
import { inOrg } from '../../src/db/pool.ts'
import { uuid } from '../../src/db/uuid.ts'
import { createLogger } from '../../src/log.ts'
import { registry } from '../../src/operations/registry.ts'
import type { ModelRequest } from '../../src/ports/model.ts'
import { createOrganisation, inChannel, type Member, type Organisation } from './organisation.ts'
import { resultsOf, scriptedModel } from './scripted-model.ts'

/** Facts that can be told apart wherever they turn up, and what each needs on INC-001 (or INC-002, private). */
const facts: { marker: string; needs: Permission; private?: boolean }[] = [
  { marker: 'QINTERNALQ', needs: 'view_internal' },
  { marker: 'QIMPACTQ', needs: 'view_business_impact' },
  { marker: '73310.55', needs: 'view_cost_impact' },
  { marker: 'QPRIVATEQ', needs: 'access_private', private: true },
]

type Cast = Member & { department: string | null; rank: Rank; admin?: boolean; invited?: boolean }
let org: Organisation
const cast: Cast[] = []

beforeAll(async () => {
  org = await createOrganisation()
  const hire = async (name: string, department: string | null, rank: Rank, rest: Partial<Cast> = {}) => {
    const member = { ...(await org.member(name, department, rank)), department, rank, ...rest }
    cast.push(member)
    return member
  }
  const reporter = await org.member('Rita', 'OPS', 'vp')
  await hire('Finn', 'FINANCE', 'user')
  await hire('Ivo', 'IT', 'oncall_engineer')
  await hire('Olga', 'OPS', 'user')
  await hire('Pat', null, 'user')
  await hire('Vic', null, 'vp')
  const guest = await hire('Ines', null, 'user', { invited: true })
  await org.as(reporter, 'create_incident', { title: 'Checkout is down' })
  await org.as(reporter, 'create_incident', { title: 'QPRIVATEQ leaked', private: true })
  const { id } = await org.incident('INC-001')
  const hidden = await org.incident('INC-002')
  await inOrg(org.db, org.orgId, async ({ tx, orgId }) => {
    await tx
      .updateTable('incidents')
      .set({ business_impact: 'QIMPACTQ carts fail' })
      .where('org_id', '=', orgId)
      .where('id', '=', id)
      .execute()
    await tx
      .insertInto('comments')
      .values({
        org_id: orgId,
        id: uuid(),
        incident_id: id,
        author_id: reporter.id,
        visibility: 'internal',
        body: 'QINTERNALQ vendor',
      })
      .execute()
    await tx
      .insertInto('spendings')
      .values({ org_id: orgId, id: uuid(), incident_id: id, kind: 'direct', amount: '73310.55', what: 'x' })
      .execute()
    await tx
      .insertInto('incident_people')
      .values({ org_id: orgId, incident_id: hidden.id, person_id: guest.id, relation: 'invited' })
      .execute()
  })
})
afterAll(() => org.close())

const holds = (who: Cast, { needs, private: hidden }: (typeof facts)[number]): boolean => {
  const departmentPermissions =
    defaultDepartments.find(({ name }) => name === who.department)?.permissions ?? []
  if (hidden && who.invited) return true
  return holdingsOf({ departmentPermissions, rank: who.rank, admin: false }).has(needs)
}

const keys = ['INC-001', 'INC-002']

/** Reads everything, then repeats everything that it was given, so that the memory fills with it. */
const parrot = () =>
  scriptedModel((request) =>
    resultsOf(request).length
      ? { text: JSON.stringify(request.items) }
      : {
          calls: [
            ...keys.map((incident) => ({ name: 'view_incident_details', arguments: { incident } })),
            ...keys.map((incident) => ({ name: 'view_timeline', arguments: { incident } })),
            { name: 'list_incidents', arguments: {} },
          ],
        },
  )

/** What came from the memory: everything before the turn's own question. */
const pastOf = ({ items }: ModelRequest) =>
  items.slice(
    0,
    items.findLastIndex((item) => item.type === 'user'),
  )

const step = fc.record({
  who: fc.nat(5),
  where: fc.constantFrom('direct', 'channel', 'thread'),
  cleared: fc.subarray<Permission>(['view_internal', 'view_cost_impact', 'view_business_impact']),
})

test('no model request holds a fact above what its person may read, nor a channel’s memory one above its clearance', async () => {
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 7 }), async (steps) => {
      const channel = uuid()
      const spokePrivately = new Set<string>()
      for (const { who, where, cleared } of steps) {
        const member = cast[who]!
        const { model, requests } = parrot()
        const agent = createAgent({ db: org.db, registry, model, log: createLogger('silent') })
        const place = { ...org.channel, channel, thread: where === 'thread' ? '1.1' : undefined }
        const result = await agent.turn(
          org.request(member, 'what do you know?', {
            actor: where === 'direct' ? member.actor : { ...inChannel(org, member), place },
            audience: where === 'direct' ? 'direct' : { clearance: cleared },
          }),
        )
        for (const fact of facts) {
          for (const request of requests) {
            const text = JSON.stringify(request)
            if (!text.includes(fact.marker)) continue
            seen.add(fact.marker)
            expect(holds(member, fact), `${member.actor.name} was given ${fact.marker}`).toBe(true)
            const past = JSON.stringify(pastOf(request))
            if (where !== 'direct' && past.includes(fact.marker) && !cleared.includes(fact.needs)) {
              expect(spokePrivately.has(`${where} ${member.id}`), `${fact.marker} in the channel`).toBe(true)
            }
          }
          if (result.text.includes(fact.marker)) {
            const needed = result.label.map((text: Requirement) => text.split(':')[0])
            expect(needed).toContain(fact.needs)
            if (where !== 'direct' && !cleared.includes(fact.needs)) expect(result.private).toBe(true)
          }
        }
        if (result.private) spokePrivately.add(`${where} ${member.id}`)
      }
    }),
    { numRuns: 25 },
  )
  expect([...seen].sort()).toEqual(facts.map(({ marker }) => marker).sort())
})

test('a role that was taken away takes its answers out of the memory', async () => {
  const sam = await org.member('Sam', 'FINANCE', 'user')
  const first = parrot()
  const bot = (model: typeof first.model) =>
    createAgent({ db: org.db, registry, model, log: createLogger('silent') })
  await bot(first.model).turn(org.request(sam, 'what did it cost?'))
  expect(JSON.stringify(first.requests)).toContain('73310.55')
  await inOrg(org.db, org.orgId, ({ tx }) =>
    tx.updateTable('people').set({ department: null }).where('id', '=', sam.id).execute(),
  )
  const second = parrot()
  await bot(second.model).turn(org.request(sam, 'and now?'))
  expect(JSON.stringify(second.requests)).not.toContain('73310.55')
})

test('a role that is taken away in the middle of a turn counts from the next request on', async () => {
  const tom = await org.member('Tom', 'FINANCE', 'user')
  const { model, requests } = scriptedModel((request) =>
    resultsOf(request).length < 2
      ? { calls: [{ name: 'view_incident_details', arguments: { incident: 'INC-001' } }] }
      : { text: 'ok' },
  )
  const respond = model.respond
  let number = 0
  model.respond = async (...args) => {
    if (++number === 2) {
      await inOrg(org.db, org.orgId, ({ tx }) =>
        tx.updateTable('people').set({ department: null }).where('id', '=', tom.id).execute(),
      )
    }
    return respond(...args)
  }
  await createAgent({ db: org.db, registry, model, log: createLogger('silent') }).turn(
    org.request(tom, 'cost?'),
  )
  expect(JSON.stringify(requests[1])).toContain('73310.55')
  expect(JSON.stringify(requests[2])).not.toContain('73310.55')
})
