import { afterEach, beforeEach, expect, test } from 'vitest'
import { completeInbox, type InboxRow, storeArrivals } from '../../src/core/inbox.ts'
import { inOrg } from '../../src/db/pool.ts'
import { notifier } from '../../src/engine/notifier.ts'
import { createWorld, until, type World } from './support.ts'

let world: World
beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.close())

/** Stored by a process that died at once: its lease is over. */
async function left(senders: string[]) {
  const { org, workspace } = world.ids
  const ref = { orgId: org, id: workspace, platform: 'slack', externalId: 'T1' } as const
  for (const [index, sender] of senders.entries()) {
    await storeArrivals(world.db, [
      { workspace: ref, eventId: `e${index}`, sender, payload: JSON.stringify({ index }) },
    ])
  }
  await world.rows(`update inbox set lease_until = now() - interval '1 second'`)
}
const complete = (row: InboxRow) =>
  inOrg(world.db, row.orgId, ({ tx }) => completeInbox(tx, row.orgId, row.id)).then(() => undefined)
const inbox = () =>
  world.rows<{ state: string; attempts: number; error: string | null; leased: boolean }>(
    'select state, attempts, error, coalesce(lease_until > now(), false) as leased from inbox order by id',
  )

test("what a dead process left is worked once, each sender's in order, several senders at once", async () => {
  await left(['a', 'a', 'b', 'a', 'b', 'c'])
  const begun: string[] = []
  const ended: string[] = []
  let together = 0
  let most = 0
  const work = async (row: InboxRow) => {
    const name = `${row.sender}${row.payload.index}`
    begun.push(name)
    most = Math.max(most, ++together)
    await new Promise((resolve) => setTimeout(resolve, 30))
    await complete(row)
    together -= 1
    ended.push(name)
  }
  await world.engine(undefined, { work }).start()
  await world.engine(undefined, { work }).start()
  await until(() => ended.length === 6)
  const of = (sender: string) => begun.filter((name) => name.startsWith(sender))
  expect([of('a'), of('b'), of('c')]).toEqual([['a0', 'a1', 'a3'], ['b2', 'b4'], ['c5']])
  expect(most).toBe(3)
  expect((await inbox()).map(({ state }) => state)).toEqual(Array(6).fill('done'))
})

test('an unexpected error is tried again later, five times in all, then the row has failed', async () => {
  await left(['a', 'b'])
  let tries = 0
  const work = async (row: InboxRow) => {
    if (row.sender === 'b') return complete(row)
    tries += 1
    throw new Error('a fault of ours')
  }
  const engine = world.engine(undefined, { work })
  await engine.start()
  await until(async () => {
    const [failing, other] = await inbox()
    return failing!.error !== null && other!.state === 'done'
  })
  expect(await inbox()).toMatchObject([
    { state: 'queued', attempts: 2, error: 'a fault of ours', leased: true },
    { state: 'done' },
  ])
  for (let attempt = 3; attempt <= 5; attempt += 1) {
    await world.rows(`update inbox set lease_until = now() - interval '1 second' where state = 'queued'`)
    engine.wake('dispatch')
    await until(() => tries === attempt - 1)
    await until(async () => engine.status().jobs[0]!.inWork === 0)
  }
  await until(async () => (await inbox())[0]!.state === 'failed')
  expect(await inbox()).toMatchObject([{ attempts: 5, error: 'a fault of ours' }, { state: 'done' }])
  expect(tries).toBe(4)
})

test('a stop hands back what is not finished, for another replica to take at once', async () => {
  await left(['a', 'a'])
  let begun = 0
  const stuck = world.engine(undefined, {
    work: () => new Promise(() => (begun += 1)),
    limits: { drainMs: 100 },
  })
  await stuck.start()
  await until(() => begun === 1)
  await stuck.stop()
  expect(await inbox()).toMatchObject([
    { state: 'queued', attempts: 1, leased: false },
    { state: 'queued', attempts: 1 },
  ])
  await world.engine(undefined, { work: complete }).start()
  await until(async () => (await inbox()).every(({ state }) => state === 'done'))
})

test('another process is woken by NOTIFY, many at once by few, and again after its connection broke', async () => {
  const engine = world.engine(undefined)
  await engine.start()
  const runs = () => engine.status().jobs[0]!.runs
  await until(() => engine.status().listening)
  const { notify } = notifier(world.db)
  const before = runs()
  for (let count = 0; count < 1_000; count += 1) notify('dispatch')
  await until(() => runs() > before, 500)
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(runs() - before).toBeLessThan(6)
  await world.rows(`select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'tocsin listen' and datname = current_database()`)
  await until(() => !engine.status().listening)
  await until(() => engine.status().listening)
  const after = runs()
  notify('dispatch')
  await until(() => runs() > after, 500)
})

test('one job that fails stops no other, and goes on when what it needs is back', async () => {
  await world.rows('alter table lanes rename to lanes_away')
  await left(['a'])
  const engine = world.engine(undefined, { work: complete })
  await engine.start()
  await until(async () => (await inbox())[0]!.state === 'done')
  const deliver = () => engine.status().jobs.find(({ name }) => name === 'deliver')!
  expect(deliver().failures).toBeGreaterThan(0)
  await world.rows('alter table lanes_away rename to lanes')
  const failures = deliver().failures
  await until(() => (deliver().lastSuccess?.getTime() ?? 0) > 0)
  expect(deliver().failures - failures).toBeLessThan(3)
})
