import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Actor } from '../../src/core/actor.ts'
import { writeAudit } from '../../src/core/audit.ts'
import { canonical, exportAudit, type SealedHead, sealAudit, verifyAudit } from '../../src/core/seal-audit.ts'
import { inOrg } from '../../src/db/pool.ts'
import { uuid } from '../../src/db/uuid.ts'
import { createWorld, until, type World } from './support.ts'

let world: World
beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.close())

const actor = () => ({ orgId: world.ids.org, name: 'Ida', surface: 'slack' }) satisfies Partial<Actor>
const write = (operation: string, orgId = world.ids.org) =>
  inOrg(world.db, orgId, ({ tx, now }) =>
    writeAudit(tx, { ...actor(), orgId }, { operation, old: { a: 1 }, new: { b: ['x', 2.5] } }, now),
  )
const verify = (published?: { sequence: number; hash: string }) =>
  inOrg(world.db, world.ids.org, ({ tx }) => verifyAudit(tx, world.ids.org, published))
const sealOnce = () => sealAudit(world.db, world.ids.org)
/** Transactions of other databases on the server delay sealing too. */
async function sealAll(sequence: number) {
  let head: SealedHead | undefined
  await until(async () => {
    head = (await sealOnce())?.head ?? head
    return head?.sequence === sequence
  })
  return head!
}
const auditIds = async () =>
  (await world.rows<{ audit_id: string }>('select audit_id from audit_seals order by sequence')).map(
    (row) => row.audit_id,
  )

test('the engine seals what was written a few seconds behind, one organisation as the other, and tells the head', async () => {
  const other = uuid()
  await world.rows(`insert into organizations (org_id, name) values ($1, 'Other')`, [other])
  for (let count = 0; count < 5; count += 1) await write(`op${count}`)
  await write('other', other)
  const heads: SealedHead[] = []
  const publishAuditHead = (head: SealedHead) => void heads.push(head)
  await world.engine(undefined, { publishAuditHead }).start()
  await world.engine(undefined, { publishAuditHead }).start()
  const headOf = (orgId: string, sequence: number) =>
    heads.find((head) => head.orgId === orgId && head.sequence === sequence)
  await until(() => headOf(world.ids.org, 5) !== undefined && headOf(other, 1) !== undefined)
  const mine = headOf(world.ids.org, 5)!
  await write('later')
  expect(await verify(mine)).toEqual({ ok: true, sealed: 5, unsealed: 1, head: mine.hash })
  await until(() => heads.some(({ sequence }) => sequence === 6))
  expect(await verify(mine)).toMatchObject({ ok: true, sealed: 6, unsealed: 0 })
})

test('a row is not sealed while an earlier transaction may still add one before it', async () => {
  let open: () => void = () => undefined
  const written = Promise.withResolvers<void>()
  const slow = inOrg(world.db, world.ids.org, async ({ tx, now }) => {
    await writeAudit(tx, actor(), { operation: 'slow' }, now)
    written.resolve()
    await new Promise<void>((resolve) => {
      open = resolve
    })
  })
  await written.promise
  await write('quick')
  expect(await sealOnce()).toBeUndefined()
  open()
  await slow
  await sealAll(2)
  expect(await verify()).toMatchObject({ ok: true, sealed: 2 })
})

test('the chain can be recomputed from an export alone', async () => {
  for (let count = 0; count < 3; count += 1) await write(`op${count}`)
  const head = await sealAll(3)
  const hash = await inOrg(world.db, world.ids.org, async ({ tx }) => {
    let last = Buffer.alloc(32)
    for await (const { sequence, hash, ...line } of exportAudit(tx, world.ids.org)) {
      last = createHash('sha256').update(last).update(canonical(line)).digest()
      expect([sequence !== null, hash]).toEqual([true, last.toString('hex')])
    }
    return last.toString('hex')
  })
  expect(hash).toBe(head.hash)
})

test('what somebody with all rights changes, deletes or inserts is found, and the first bad row named', async () => {
  for (let count = 0; count < 1_200; count += 300) {
    await inOrg(world.db, world.ids.org, async ({ tx, now }) => {
      for (let row = 0; row < 300; row += 1) await writeAudit(tx, actor(), { operation: 'op' }, now)
    })
  }
  await sealAll(1_200)
  const ids = await auditIds()
  expect(ids.length).toBe(1_200)
  const good = await verify()
  expect(good).toMatchObject({ ok: true, sealed: 1_200 })

  const tampered = async (sql: string, values: unknown[]) => {
    await world.rows(sql, values)
    return verify()
  }
  const restore = async (id: string) => {
    await world.rows(`delete from audit where id = $1`, [id])
    await world.rows(`insert into audit select * from saved where id = $1`, [id])
  }
  await world.rows('create table saved as select * from audit')

  // From the last to the first, each undone before the next.
  expect(await tampered(`update audit set operation = 'other' where id = $1`, [ids[1_100]])).toMatchObject({
    ok: false,
    sealed: 1_100,
    firstBad: { sequence: 1_101, auditId: ids[1_100], problem: 'changed' },
  })
  await restore(ids[1_100]!)
  expect(await tampered(`delete from audit where id = $1`, [ids[1_199]])).toMatchObject({
    firstBad: { sequence: 1_200, auditId: ids[1_199], problem: 'missing' },
  })
  await restore(ids[1_199]!)
  expect(await tampered(`delete from audit where id = $1`, [ids[500]])).toMatchObject({
    firstBad: { sequence: 501, auditId: ids[500], problem: 'missing' },
  })
  await restore(ids[500]!)
  expect(await tampered(`update audit set transaction = '1'::xid8 where id = $1`, [ids[700]])).toMatchObject({
    ok: false,
    firstBad: { problem: 'changed' },
  })
  await restore(ids[700]!)
  const forged = uuid()
  expect(
    await tampered(
      `insert into audit (org_id, id, actor, surface, operation, transaction)
       select org_id, $2, actor, surface, 'forged', transaction from audit where id = $1`,
      [ids[299], forged],
    ),
  ).toMatchObject({ firstBad: { auditId: forged, problem: 'inserted' } })
  await world.rows('delete from audit where id = $1', [forged])
  expect(await verify()).toEqual(good)
})

test('a chain that was written anew as a whole does not fit the published head', async () => {
  await write('one')
  await write('two')
  const head = await sealAll(2)
  await world.rows('delete from audit_seals')
  await world.rows(`update audit set operation = 'harmless' where operation = 'one'`)
  await sealAll(2)
  expect(await verify()).toMatchObject({ ok: true })
  expect(await verify(head)).toMatchObject({ ok: false, firstBad: { sequence: 2, problem: 'changed' } })
})

test('the running program can neither change nor delete a line or a seal', async () => {
  await write('one')
  await sealAll(1)
  for (const table of ['audit', 'audit_seals'])
    for (const statement of [`update ${table} set org_id = $1`, `delete from ${table} where org_id <> $1`]) {
      await world.rows('begin')
      await world.rows('set local role tocsin_app')
      await expect(world.rows(statement, [uuid()])).rejects.toThrow(/permission denied/)
      await world.rows('rollback')
    }
})
