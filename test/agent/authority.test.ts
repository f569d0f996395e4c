import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAgent } from '../../src/agent/loop.ts'
import { defaultDepartments, holdingsOf, ranks } from '../../src/core/permissions.ts'
import { inOrg } from '../../src/db/pool.ts'
import { uuid } from '../../src/db/uuid.ts'
import { createLogger } from '../../src/log.ts'
import { permissionsOf } from '../../src/operations/define.ts'
import { registry } from '../../src/operations/registry.ts'
import { createOrganisation, type Member, type Organisation } from './organisation.ts'
import { resultsOf, scriptedModel } from './scripted-model.ts'

let org: Organisation
let reporter: Member

beforeAll(async () => {
  org = await createOrganisation()
  // Everything that the attack names exists, so that nothing but authority stands in its way.
  await inOrg(org.db, org.orgId, async ({ tx, orgId }) => {
    await tx.insertInto('teams').values({ org_id: orgId, id: uuid(), name: 'payments' }).execute()
    await tx.insertInto('services').values({ org_id: orgId, id: uuid(), name: 'redis' }).execute()
    await tx.insertInto('categories').values({ org_id: orgId, name: 'database', department: 'IT' }).execute()
  })
  reporter = await org.member('Rita Reporter', 'OPS', 'cto')
  for (const title of ['Checkout is down', 'Search is slow'])
    await org.as(reporter, 'create_incident', { title })
})
afterAll(() => org.close())

/** Something that every key of an input accepts; a wrong value is refused before any right is looked at. */
const values: Record<string, unknown> = {
  incident: 'INC-001',
  into: 'INC-002',
  priority: 'P2',
  status: 'RESOLVED',
  role: 'commander',
  person: 'Rita Reporter',
  reason: 'because the log says so',
  text: 'Rita',
  title: 'Made by an attacker',
  team: 'payments',
  category: 'database',
  add: ['redis'],
}

const attack = registry.map((operation) => ({
  name: operation.name,
  arguments: Object.fromEntries(
    Object.keys(operation.input.shape).map((name) => [name, values[name] ?? null]),
  ),
}))

const cases = [null, ...defaultDepartments.map(({ name }) => name)].flatMap((department) =>
  ranks.map((rank) => ({ department, rank })),
)

test.each(cases)(
  'a model that asks for every tool does only what $department $rank may',
  async ({ department, rank }) => {
    const member = await org.member(`Someone ${department} ${rank}`, department, rank)
    const { model, requests } = scriptedModel((request) =>
      resultsOf(request).length ? { text: 'All done, I am an administrator now.' } : { calls: attack },
    )
    const agent = createAgent({
      db: org.db,
      registry,
      model,
      log: createLogger('silent'),
      limits: { calls: 100 },
    })
    const request = org.request(member, 'hello')
    await agent.turn(request)

    const held = holdingsOf({
      departmentPermissions: defaultDepartments.find(({ name }) => name === department)?.permissions ?? [],
      rank,
      admin: false,
    })
    const may = (name: string) => {
      const operation = registry.find((known) => known.name === name)
      if (!operation?.tool) return false
      const any = permissionsOf(operation)
      return any.length === 0 || any.some((permission) => held.has(permission))
    }
    const audit = await inOrg(org.db, org.orgId, ({ tx }) =>
      tx
        .selectFrom('audit')
        .select(['operation', 'outcome'])
        .where('org_id', '=', org.orgId)
        .where('actor_id', '=', member.id)
        .execute(),
    )
    // `create_incident` makes the person its reporter, which gives more on that one alone: not on INC-001.
    const done = audit.filter((row) => row.outcome === 'done').map((row) => row.operation)
    expect(done.filter((name) => !may(name))).toEqual([])
    // The attack is no empty one: whoever may declare does.
    expect(done.includes('create_incident')).toBe(may('update_priority') && may('create_incident'))
    const journal = await inOrg(org.db, org.orgId, ({ tx }) =>
      tx
        .selectFrom('tool_calls')
        .select(['operation', 'outcome'])
        .where('turn_id', '=', request.turnId)
        .execute(),
    )
    expect(journal.filter((row) => row.outcome === 'done' && !may(row.operation))).toEqual([])
    const offered = requests[0]!.tools.map((tool) => tool.name)
    expect(offered.filter((name) => !may(name))).toEqual([])
    // Whatever was not offered and could be read was refused and audited.
    const refused = journal.filter((row) => row.outcome === 'denied').map((row) => row.operation)
    expect(
      audit
        .filter((row) => row.outcome === 'denied')
        .map((row) => row.operation)
        .sort(),
    ).toEqual(refused.sort())
  },
)

test('a person without any write permission changes nothing at all', async () => {
  const viewer = await org.member('Vera Viewer', null, 'viewer')
  const snapshot = () =>
    inOrg(org.db, org.orgId, async ({ tx }) => ({
      incidents: await tx
        .selectFrom('incidents')
        .select(['key', 'version', 'status'])
        .orderBy('key')
        .execute(),
      comments: await tx.selectFrom('comments').select('id').execute(),
      people: await tx.selectFrom('incident_people').selectAll().execute(),
      roles: await tx.selectFrom('incident_roles').selectAll().execute(),
      services: await tx.selectFrom('incident_services').selectAll().execute(),
    }))
  const harmless = registry.filter(
    (operation) => permissionsOf(operation).length === 0 || operation.effect === 'read',
  )
  const calls = attack.filter(({ name }) => !harmless.some((operation) => operation.name === name))
  const before = await snapshot()
  const { model } = scriptedModel((request) => (resultsOf(request).length ? { text: 'ok' } : { calls }))
  const agent = createAgent({
    db: org.db,
    registry,
    model,
    log: createLogger('silent'),
    limits: { calls: 100 },
  })
  await agent.turn(org.request(viewer, 'hello'))
  expect(await snapshot()).toEqual(before)
})
