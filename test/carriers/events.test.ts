import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { carrierWorkspace, setCarriers } from '../../src/core/carriers.ts'
import { applyConfiguration } from '../../src/core/configuration/apply.ts'
import { parseConfiguration } from '../../src/core/configuration/parse.ts'
import { describeChange } from '../../src/core/configuration/step.ts'
import { webhookAddress } from '../../src/core/webhooks/webhook.ts'
import { findOperation } from '../../src/operations/registry.ts'
import { createWorld, sealing, type World } from '../people/support.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())

const hooks = () => world.owner.selectFrom('webhooks').selectAll().orderBy('name').execute()
const secretOf = async (name: string) => {
  const { id } = (await hooks()).find((row) => row.name === name)!
  return (await world.within(({ tx, orgId }) => webhookAddress(tx, orgId, id, sealing)))!.secret
}
const lake = (more = '') => `webhooks:
  - name: audit-lake
    url: https://hooks.example.com/tocsin/token-in-path
    secret: very-secret
    events: [incident.declared, incident.resolved]
${more}`

describe('webhooks of the configuration file', () => {
  afterEach(() => world.apply(''))

  test('are stored once, their secrets sealed', async () => {
    expect((await world.apply(lake())).map(describeChange)).toEqual([
      'add webhooks: audit-lake (name audit-lake, url https://hooks.example.com, events incident.declared incident.resolved)',
    ])
    expect(await world.apply(lake())).toEqual([])
    const [row] = await hooks()
    expect(row!.secret.toString('latin1')).not.toContain('very-secret')
    expect(await secretOf('audit-lake')).toBe('very-secret')
  })

  test('show neither secret nor path in the plan and the audit log, and say that they changed', async () => {
    await world.apply(lake())
    const changed = lake().replace('very-secret', 'other-secret').replace('token-in-path', 'new-token')
    const words = (await world.plan(changed)).map(describeChange)
    expect(words).toEqual(['change webhooks: audit-lake (url changed, secret changed)'])
    await world.apply(changed)
    expect(await secretOf('audit-lake')).toBe('other-secret')
    expect(JSON.stringify(await world.audit())).not.toMatch(
      /very-secret|other-secret|token-in-path|new-token/,
    )
  })

  test('are removed when the file has them no longer', async () => {
    await world.apply(lake())
    expect((await world.apply('')).map(describeChange)).toEqual(['remove webhooks: audit-lake'])
    expect(await hooks()).toEqual([])
  })

  test('stay for a policy that people made, without events, and that is said once', async () => {
    await world.apply(lake())
    const id = (await hooks())[0]!.id
    const ids = { org: world.orgId, policy: crypto.randomUUID() }
    await world.owner
      .insertInto('policies')
      .values({
        org_id: ids.org,
        id: ids.policy,
        name: 'by hand',
        version: 1,
        min_priority: null,
        team_id: null,
        category: null,
        department: null,
        service_id: null,
        removed_at: null,
      })
      .execute()
    const steps = [{ afterSeconds: 0, notify: [{ type: 'webhook', webhookId: id }], actions: [] }]
    await world.owner
      .insertInto('policy_versions')
      .values({
        org_id: ids.org,
        policy_id: ids.policy,
        version: 1,
        steps: JSON.stringify(steps),
        nobody: null,
        acknowledged_for: null,
      })
      .execute()
    expect((await world.apply('')).map(describeChange)).toEqual([
      'release webhooks: audit-lake (events incident.declared incident.resolved → none, still paged by by hand)',
    ])
    expect(await world.apply('')).toEqual([])
    expect((await hooks()).map(({ name, events }) => ({ name, events }))).toEqual([
      { name: 'audit-lake', events: [] },
    ])
    await world.owner.deleteFrom('policies').where('id', '=', ids.policy).execute()
  })

  test('without an encryption nothing is applied', async () => {
    const file = parseConfiguration(lake(), {})
    await expect(world.within(({ tx, orgId }) => applyConfiguration(tx, orgId, file))).rejects.toThrow(
      'Nothing was applied: the secrets of webhooks cannot be encrypted here.',
    )
  })

  test.each([
    ['an event that does not exist', 'events: [incident.exploded]', 'must be one of incident.declared'],
    ['an empty secret', 'secret: ""', 'must not be empty'],
    ['an address of another kind', 'url: ftp://hooks.example.com/', 'must be an http or https address'],
  ])('%s is refused with its line', (_, wrong, words) => {
    const yaml = `webhooks:\n  - name: x\n    url: https://x.example\n    secret: s\n`
    const [key] = wrong.split(':')
    const text = yaml.includes(`    ${key}:`)
      ? yaml.replace(new RegExp(`    ${key}:.*`), `    ${wrong}`)
      : `${yaml}    ${wrong}\n`
    expect(() => parseConfiguration(text, {})).toThrow(words)
    expect(() => parseConfiguration(text, {})).toThrow(/line \d+/)
  })
})

describe('carriers', () => {
  const of = (name: 'email' | 'sms' | 'webhook') =>
    world.within(({ tx, orgId }) => carrierWorkspace(tx, orgId, name))
  const set = (...names: ('email' | 'sms' | 'webhook')[]) =>
    world.within(({ tx, orgId }) => setCarriers(tx, orgId, names))

  test('have one workspace each, the same at the next start, gone with their configuration', async () => {
    await set('email', 'webhook')
    const [email, webhook] = [await of('email'), await of('webhook')]
    expect(email).toBeDefined()
    expect(await of('sms')).toBeUndefined()
    await set('email', 'sms', 'webhook')
    expect(await of('email')).toBe(email)
    await set('sms', 'webhook')
    expect(await of('webhook')).toBe(webhook)
    expect(await of('email')).toBeUndefined()
    expect(await of('sms')).toBeDefined()
    await set()
    expect([await of('email'), await of('sms'), await of('webhook')]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    const left = await world.owner.selectFrom('workspaces').select('platform').orderBy('platform').execute()
    expect(left.map(({ platform }) => platform)).toEqual(['slack', 'teams'])
  })

  test('are all that the program can remove of the workspaces', async () => {
    await world.within(({ tx }) => tx.deleteFrom('workspaces').where('platform', '=', 'slack').execute())
    const left = await world.owner
      .selectFrom('workspaces')
      .select('id')
      .where('platform', '=', 'slack')
      .execute()
    expect(left).toHaveLength(1)
  })
})

describe('events', () => {
  let ida: string
  const sent = async () => {
    const { rows } = await world.within(async ({ tx }) => ({
      rows: await tx
        .selectFrom('deliveries')
        .select(['notification', 'incident_id'])
        .orderBy('sequence')
        .execute(),
    }))
    return rows
      .map(
        ({ notification }) =>
          notification as unknown as { type: string; name: string; data: Record<string, unknown> },
      )
      .filter(({ type }) => type === 'event')
  }
  const perform = (name: string, input: object) => world.as(ida, findOperation(name)!, input)

  beforeAll(async () => {
    const team = await world.team('payments')
    ida = await world.person('Ida Torres', {
      department: 'OPS',
      rank: 'manager',
      admin: true,
      teams: [team],
    })
    await world.within(({ tx, orgId }) => setCarriers(tx, orgId, ['webhook']))
    await world.apply(`webhooks:
  - { name: all, url: "https://a.example/", secret: s, events: ["*"] }
  - { name: some, url: "https://b.example/", secret: s, events: [incident.resolved] }
  - { name: none, url: "https://c.example/", secret: s }
teams: [{ name: payments }]
`)
  })

  test('go to the webhooks that ask for them, with the plain facts alone', async () => {
    await perform('create_incident', { title: 'Checkout is down', priority: 'P2', team: 'payments' })
    const [declared, ...more] = await sent()
    expect(more).toEqual([])
    expect(declared).toMatchObject({
      name: 'incident.declared',
      data: {
        key: 'INC-001',
        title: 'Checkout is down',
        status: 'OPEN',
        priority: 'P2',
        team: 'payments',
        by: 'Actor',
        version: 1,
        summary: 'INC-001 declared by Actor: Checkout is down',
      },
    })
    expect(Object.keys(declared!.data).sort()).toEqual([
      'at',
      'by',
      'key',
      'priority',
      'status',
      'summary',
      'team',
      'title',
      'version',
    ])
  })

  test('are named by what happened, whichever verb did it', async () => {
    await perform('acknowledge', { incident: 'INC-001' })
    await perform('comment', { incident: 'INC-001', text: 'secret internal words', internal: true })
    await perform('resolve', { incident: 'INC-001' })
    await perform('reopen', { incident: 'INC-001', reason: 'again' })
    await perform('resolve', { incident: 'INC-001' })
    await perform('close', { incident: 'INC-001' })
    await perform('create_incident', { title: 'Nothing' })
    await perform('cancel', { incident: 'INC-002' })
    const events = await sent()
    const names = events.map(({ name }) => name)
    // Two webhooks ask for resolutions.
    expect(names.filter((name) => name === 'incident.resolved')).toHaveLength(4)
    const once = names.filter((name, index) => name !== 'incident.resolved' || names[index - 1] !== name)
    expect(once.filter((name) => name !== 'incident.updated')).toEqual([
      'incident.declared',
      'incident.acknowledged',
      'incident.resolved',
      'incident.reopened',
      'incident.resolved',
      'incident.closed',
      'incident.declared',
      'incident.cancelled',
    ])
    expect(JSON.stringify(events)).not.toContain('secret internal words')
  })

  test('of a private incident do not exist', async () => {
    const before = (await sent()).length
    await perform('create_incident', { title: 'Hush', private: true })
    await perform('acknowledge', { incident: 'INC-003' })
    expect(await sent()).toHaveLength(before)
  })
})
