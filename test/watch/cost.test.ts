import { type RawBuilder, sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { statusQuery } from '../../src/core/delivery-status.ts'
import { lateArrivalsQuery, lateDeliveriesQuery, lateStepsQuery } from '../../src/core/lateness.ts'
import { silentQuery } from '../../src/core/reminders.ts'
import { inOrg, type Tx } from '../../src/db/pool.ts'
import { escalationFigures, queueFigures } from '../../src/http/queue-figures.ts'
import { createWorld, type World } from '../engine/support.ts'

let world: World

type Plan = { 'Node Type': string; 'Relation Name'?: string; 'Actual Rows': number; Plans?: Plan[] }

/** A hundred thousand open incidents with running escalations, deliveries that are over, and one incident with 5,000. */
beforeAll(async () => {
  world = await createWorld()
  const { org, workspace, incident, person } = world.ids
  const [lane] = await world.rows<{ id: string }>(
    `insert into lanes (org_id, id, workspace_id, destination) values ($1, gen_random_uuid(), $2, 'channel:C1')
     returning id`,
    [org, workspace],
  )
  await world.rows(
    `insert into incidents (org_id, id, number, title, priority)
     select $1, gen_random_uuid(), n, 'x', case n % 2 when 0 then 'P1' else 'P2' end from generate_series(2, 100000) n`,
    [org],
  )
  await world.rows(
    `insert into escalations (org_id, id, incident_id, due_at)
     select org_id, gen_random_uuid(), id, tocsin_now() + interval '1 minute' * number from incidents where org_id = $1`,
    [org],
  )
  await world.rows(
    `insert into deliveries (org_id, id, lane_id, urgency, notification, incident_id, state, settled_at, due_at, created_at)
     select $1, gen_random_uuid(), $2, 3, '{"type":"card_update"}', $3, 'sent', now(), now() - interval '1 day',
       now() - interval '1 day' from generate_series(1, 5000)`,
    [org, lane!.id, incident],
  )
  await world.rows(
    `insert into deliveries (org_id, id, lane_id, urgency, notification, state, settled_at, due_at, created_at)
     select $1, gen_random_uuid(), $2, 1, '{"type":"answer"}', 'sent', now(), now() - interval '1 day',
       now() - interval '1 day' from generate_series(1, 50000)`,
    [org, lane!.id],
  )
  await world.rows(
    `insert into inbox (org_id, id, workspace_id, event_id, sender, payload, state, received_at, done_at)
     select $1, gen_random_uuid(), $2, n::text, 'a', '{}', 'done', now() - interval '1 day', now()
     from generate_series(1, 20000) n`,
    [org, workspace],
  )
  await world.rows('vacuum analyze')
  expect(person).toBeTruthy()
}, 120_000)
afterAll(() => world.close())

const nodes = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodes)]

async function explain(query: RawBuilder<unknown>, executor: Tx | World['db']['engine']) {
  const asked = sql<{ 'QUERY PLAN': { Plan: Plan; 'Execution Time': number }[] }>`
    explain (analyze, format json) ${query}`
  await asked.execute(executor)
  const { rows } = await asked.execute(executor)
  const [{ Plan, 'Execution Time': ms }] = rows[0]!['QUERY PLAN'] as [
    { Plan: Plan; 'Execution Time': number },
  ]
  const all = nodes(Plan)
  return {
    ms,
    scanned: all.filter((node) => node['Node Type'] === 'Seq Scan').map((node) => node['Relation Name']),
    rows: Math.max(...all.map((node) => node['Actual Rows'])),
  }
}
const big = ['escalations', 'deliveries', 'inbox', 'incidents']

test.for([
  ['steps', lateStepsQuery],
  ['deliveries', lateDeliveriesQuery],
  ['arrivals', lateArrivalsQuery],
] as const)('finding late %s reads an index and nothing that is settled or not due', async ([, query]) => {
  const plan = await explain(query(), world.db.engine)
  expect(plan.scanned.filter((table) => big.includes(table!))).toEqual([])
  expect(plan.rows).toBeLessThan(10)
  expect(plan.ms).toBeLessThan(5)
})

test('looking for silent incidents costs next to nothing while none is due', async () => {
  const plan = await inOrg(world.db, world.ids.org, ({ tx, now }) =>
    explain(silentQuery(world.ids.org, 'P1', now), tx),
  )
  expect(plan.scanned.filter((table) => big.includes(table!))).toEqual([])
  expect(plan.rows).toBeLessThan(10)
  expect(plan.ms).toBeLessThan(5)
})

test('with all of them due, one look takes its share from the index', async () => {
  const plan = await inOrg(world.db, world.ids.org, ({ tx, now }) =>
    explain(silentQuery(world.ids.org, 'P1', new Date(now.getTime() + 86_400_000)), tx),
  )
  expect(plan.scanned.filter((table) => big.includes(table!))).toEqual([])
  expect(plan.ms).toBeLessThan(50)
})

test('what became of the messages of an incident with 5,000 is read in a few milliseconds', async () => {
  const { org, incident } = world.ids
  const plan = await inOrg(world.db, org, ({ tx }) =>
    explain(statusQuery({ org_id: org, id: incident, private: false }), tx),
  )
  expect(plan.scanned.filter((table) => big.includes(table!))).toEqual([])
  expect(plan.ms).toBeLessThan(30)
})

test('the metrics are read quickly at 100,000 running escalations', async () => {
  const began = performance.now()
  const figures = await queueFigures(world.db)
  const counted = performance.now()
  expect(figures).toMatchObject({ waiting: 0, stepOverdueSeconds: 0, deliveryOverdueSeconds: 0 })
  expect(await escalationFigures(world.db)).toEqual({ running: 100_000, snoozed: 0, acknowledged: 0 })
  expect(counted - began).toBeLessThan(200)
  expect(performance.now() - counted).toBeLessThan(1_000)
})
