/** People who would be somebody else, or have back what was taken from them. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { labelOf } from '../../src/messages/visible.ts'
import { exportAudit } from '../../src/operations/admin/export-audit.ts'
import { searchAudit } from '../../src/operations/admin/search-audit.ts'
import { declare } from '../../src/operations/incident/declare.ts'
import { deactivatePerson } from '../../src/operations/people/deactivate-person.ts'
import { setAdministrator } from '../../src/operations/people/set-administrator.ts'
import { setRank } from '../../src/operations/people/set-rank.ts'
import { perform } from '../../src/operations/perform.ts'
import { createWorld, type World } from '../people/support.ts'

let world: World
let ada: string
beforeEach(async () => {
  world = await createWorld()
  ada = await world.person('Ada Quist', { admin: true })
})
afterEach(() => world.close())

test('who calls themselves by a part of somebody’s name does not get what is meant for them', async () => {
  await world.person('Ida Torres', { rank: 'manager' })
  await world.arrive(world.slack, 'UMAL', { name: 'Ida' })
  await expect(world.as(ada, setRank, { person: 'Ida', rank: 'cto' })).rejects.toMatchObject({
    kind: 'conflict',
    message: expect.stringContaining('Ida Torres'),
  })
  await expect(world.as(ada, setAdministrator, { person: '@ida', mark: 'on' })).rejects.toThrow('may be')
  expect(await world.as(ada, setRank, { person: '<@UMAL>', rank: 'viewer' })).toContain('Ida is viewer now')
  expect(await world.as(ada, setRank, { person: 'Ida Torres', rank: 'vp' })).toContain('Ida Torres is vp now')
})

test('a name that the configuration file gave is enough, however short', async () => {
  await world.person('Ida Torres')
  await world.apply('people:\n  - { name: Ida, department: IT }\n')
  expect(await world.as(ada, setRank, { person: 'Ida', rank: 'manager' })).toContain('Ida is manager now')
})

test('a mark that was taken away does not come back through an account elsewhere', async () => {
  const emails = ['mal@example.com']
  for (const domains of ['[]', '[example.com]']) {
    await world.apply(`email_domains: ${domains}\n`)
    await world.arrive(world.slack, `U${domains.length}`, { name: 'Mal', email: emails[0] }, emails)
  }
  const marked = await world.owner.selectFrom('people').select('id').where('name', '=', 'Mal').execute()
  for (const { id } of marked)
    await world.owner.updateTable('people').set({ admin: false }).where('id', '=', id).execute()
  await world.arrive(world.teams, 'aad-1', { name: 'Mal', email: emails[0] }, emails)
  const left = await world.owner
    .selectFrom('people')
    .select(['name', 'admin'])
    .where('name', '=', 'Mal')
    .execute()
  expect(left.every(({ admin }) => !admin)).toBe(true)
})

test('a name like a private incident’s key hides nothing from the audit log', async () => {
  const vera = await world.person('Vera', { rank: 'vp' })
  await world.as(vera, declare, { title: 'Secret', private: true })
  await world.person('Mal INC-001')
  await world.as(ada, setRank, { person: 'Mal INC-001', rank: 'vp' })
  for (const operation of [searchAudit, exportAudit])
    expect(await world.as(ada, operation)).toContain('Mal INC-001')
})

test('a private incident of a deactivated person stands under its own label', async () => {
  const vera = await world.person('Vera', { rank: 'vp', admin: true })
  const ivo = await world.person('Ivo')
  const { id } = await world.owner
    .insertInto('incidents')
    .values({
      org_id: world.orgId,
      id: crypto.randomUUID(),
      number: 1,
      title: 'Secret',
      priority: 'P1',
      private: true,
      assignee_id: ivo,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const actor = { orgId: world.orgId, personId: vera, name: 'Vera', surface: 'slack' as const }
  const outcome = await perform(world.db, actor, deactivatePerson, { person: 'Ivo' })
  const named = outcome!.parts.filter((part) => JSON.stringify(part).includes('Secret'))
  expect(named).toHaveLength(1)
  expect(labelOf({ parts: named })).toContain(`access_private:${id}`)
})

test('a mention of nobody leaves no row behind', async () => {
  expect(await world.arrive(world.slack, 'UNOBODY', { kind: 'unknown' })).toMatchObject({ reason: 'unknown' })
  expect(await world.owner.selectFrom('identities').selectAll().execute()).toEqual([])
})

test('an account that becomes a known person’s by its address stands in the audit log', async () => {
  await world.apply('email_domains: [example.com]\n')
  await world.person('Ida Torres', { rank: 'vp', email: 'ida@example.com' })
  await world.arrive(world.slack, 'UIDA', { name: 'Ida Torres', email: 'ida@example.com' })
  await world.arrive(world.slack, 'UNEW', { name: 'New One', email: 'new@example.com' })
  const joined = (await world.audit()).filter(({ operation }) => operation === 'join_account')
  expect(joined).toMatchObject([{ subject: 'Ida Torres', new: { account: 'slack UIDA' } }])
})
