import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { onIncident, plain } from '../../src/core/labels.ts'
import { sealAudit } from '../../src/core/seal-audit.ts'
import { exportAudit } from '../../src/operations/admin/export-audit.ts'
import { searchAudit } from '../../src/operations/admin/search-audit.ts'
import { showConfig } from '../../src/operations/admin/show-config.ts'
import { verifyAudit } from '../../src/operations/admin/verify-audit.ts'
import { setRank } from '../../src/operations/people/set-rank.ts'
import { createWorld, type World } from './support.ts'

let world: World
let ada: string
let chen: string
beforeEach(async () => {
  world = await createWorld()
  ada = await world.person('Ada Quist', { admin: true })
  chen = await world.person('Chen Wu', { rank: 'cto' })
})
afterEach(() => world.close())

async function incident(number: number, hidden: boolean) {
  const id = crypto.randomUUID()
  const { orgId } = world
  await world.owner
    .insertInto('incidents')
    .values({ org_id: orgId, id, number, title: 'x', priority: 'P1', private: hidden })
    .execute()
  const write = (operation: string, label: readonly string[], subject: string | null = null) =>
    world.owner
      .insertInto('audit')
      .values({
        org_id: orgId,
        id: crypto.randomUUID(),
        actor_id: null,
        actor: 'Olga Brandt',
        surface: 'slack',
        operation,
        // A refusal names its incident in the subject.
        outcome: subject ? 'denied' : 'done',
        incident_id: subject ? null : id,
        subject,
        old: null,
        new: null,
        inbox_id: null,
        label: [...label],
      })
      .execute()
  return { id, write, label: onIncident({ id, private: hidden }, plain) }
}

test('the audit log is searched by key, person and word, and shows old and new', async () => {
  const one = await incident(1, false)
  await one.write('acknowledge', one.label)
  await world.as(ada, setRank, { person: 'Chen Wu', rank: 'vp' })
  await world.as(ada, setRank, { person: 'Chen Wu', rank: 'cto' })
  const newest = await world.as(chen, searchAudit)
  expect(newest).toMatch(/set_rank Chen Wu · rank vp → cto[\s\S]*rank cto → vp[\s\S]*acknowledge INC-001/)
  expect(await world.as(chen, searchAudit, searchAudit.verb!.parse('inc-1')!)).toMatch(/acknowledge INC-001$/)
  expect(await world.as(chen, searchAudit, { text: 'olga' })).not.toContain('set_rank')
  expect(await world.as(chen, searchAudit, { text: 'nothing like it' })).toContain('has nothing on')
})

test('rows above the reader are not there: private incidents, and what a label withholds', async () => {
  const secret = await incident(7, true)
  await secret.write('update_status', secret.label)
  await secret.write('update_priority', ['view_audit'], 'update_priority INC-007')
  const open = await incident(1, false)
  await open.write('record_cost', [`view_cost_impact:${open.id}`])
  for (const operation of [searchAudit, exportAudit]) {
    const adas = await world.as(ada, operation)
    expect(adas).toContain('record_cost')
    expect(adas).not.toMatch(/INC-007|update_/)
    expect(await world.as(chen, operation)).not.toContain('record_cost')
    expect(await world.as(chen, operation)).toContain('INC-007')
  }
})

test('more than a page is turned over, and the export says when it is cut', async () => {
  const one = await incident(1, false)
  for (let i = 0; i < 25; i++) await one.write(`step_${i}`, one.label)
  const first = await world.as(chen, searchAudit, { text: 'INC-001' })
  expect(first).toContain('More: audit INC-001 page 2')
  expect(await world.as(chen, searchAudit, searchAudit.verb!.parse('INC-001 page 2')!)).toContain('step_0')
  expect(await world.as(chen, exportAudit, { text: 'INC-001' })).toContain(
    '25 rows, all that you may see on INC-001',
  )
})

test('the chain is verified from the chat', async () => {
  await world.as(ada, setRank, { person: 'Chen Wu', rank: 'vp' })
  await world.as(ada, setRank, { person: 'Chen Wu', rank: 'cto' })
  // Transactions of other tests on the same server hold sealing back for a moment.
  const whole = async () => {
    await sealAudit(world.db, world.orgId)
    return world.as(chen, verifyAudit)
  }
  await vi.waitFor(async () => expect(await whole()).toContain('is whole: 2 rows sealed'), 10_000)
  await world.owner
    .updateTable('audit')
    .set({ actor: 'Somebody else' })
    .where('actor', '=', 'Actor')
    .execute()
  expect(await world.as(chen, verifyAudit)).toContain('tampered with')
})

test('config shows how the organisation is set up to administrators alone', async () => {
  await world.apply('organization: Example Corp\nemail_domains: [example.com]\npeople:\n  - { name: Ida }\n')
  const shown = await world.as(ada, showConfig)
  expect(shown).toMatch(
    /Organisation: Example Corp[\s\S]*example\.com[\s\S]*10,000\.00 USD[\s\S]*3 active, 1 set by the file/,
  )
  await expect(world.as(chen, showConfig)).rejects.toMatchObject({ kind: 'denied' })
})
