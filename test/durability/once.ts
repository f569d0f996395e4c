/** What must be true of every command after any fault: done once or not at all, and answered accordingly. */
import { expect } from 'vitest'
import { type Command, refusedUser } from './burst.ts'
import type { World } from './world.ts'

type Row = {
  event_id: string
  id: string
  state: string
  error: string | null
  done: number
  denied: number
  answers: { state: string; uncertain: boolean }[]
}

const rowsOf = (world: World): Promise<Row[]> =>
  world.sql<Row>(`select i.event_id, i.id, i.state, i.error,
    (select count(*)::int from audit a where a.inbox_id = i.id and a.outcome = 'done') as done,
    (select count(*)::int from audit a where a.inbox_id = i.id and a.outcome = 'denied') as denied,
    (select coalesce(jsonb_agg(jsonb_build_object('state', d.state, 'uncertain', d.uncertain)), '[]')
      from deliveries d where d.inbox_id = i.id and d.notification ->> 'type' = 'answer') as answers
    from inbox i`)

const count = async (world: World, table: string, column: string, text: string): Promise<number> => {
  const [row] = await world.sql<{ n: number }>(
    `select count(*)::int as n from ${table} where ${column} = $1`,
    [text],
  )
  return row!.n
}

export type Tally = { accepted: number; refused: number; lost: number; doubled: number }

export async function expectOnce(world: World, commands: Command[]): Promise<Tally> {
  const rows = new Map((await rowsOf(world)).map((row) => [row.event_id, row]))
  const tally: Tally = { accepted: 0, refused: 0, lost: 0, doubled: 0 }
  for (const command of commands) {
    const row = rows.get(command.key!)
    const told = world.slack.state.messages.filter(command.isAnswer!)
    const about = `${command.user} ${command.text} (${command.outcome})`
    tally[command.outcome!] += 1
    if (command.outcome === 'accepted') expect(row, `${about} was stored`).toBeDefined()
    if (command.outcome === 'refused') {
      const line = command.said!
      expect(line, about).toMatch(/nothing was done/i)
      // What may or may not have been kept says so.
      if (!/may or may not/.test(line)) expect(row, `${about} was not stored`).toBeUndefined()
    }
    if (row) tally.doubled += await expectDone(world, command, row, told, about)
    else await expectNothing(world, command, told.length, about)
  }
  await expectWhole(world)
  return tally
}

/** @returns 1 where its answer came twice. */
async function expectDone(
  world: World,
  command: Command,
  row: Row,
  told: { text: string; blocks?: unknown }[],
  about: string,
): Promise<number> {
  expect({ state: row.state, error: row.error }, about).toEqual({ state: 'done', error: null })
  expect(row.answers, `${about}: one answer in the outbox`).toHaveLength(1)
  const [answer] = row.answers
  expect(answer!.state, about).toBe('sent')
  // The response address has nothing to be looked up in: what was taken without a receipt may come once more.
  const most = answer!.uncertain && command.kind !== 'ask' ? 2 : 1
  expect(told.length, `${about}: its answers`).toBeGreaterThanOrEqual(1)
  expect(told.length, `${about}: its answers`).toBeLessThanOrEqual(most)
  const text = world.slack.textOf(told[0]!)
  if (command.user === refusedUser) {
    expect({ done: row.done, denied: row.denied }, `${about}: ${text}`).toEqual({ done: 0, denied: 1 })
  } else {
    // Whoever was second is told who was first, and changes nothing.
    const changed = !/\balready\b/.test(text)
    expect({ done: row.done, denied: row.denied }, `${about}: ${text}`).toEqual({
      done: changed ? 1 : 0,
      denied: 0,
    })
    if (command.kind === 'declare')
      expect(await count(world, 'incidents', 'title', `Fault ${command.mark}`)).toBe(1)
    if (command.kind === 'note')
      expect(await count(world, 'comments', 'body', `seen ${command.mark}`)).toBe(1)
  }
  return told.length - 1
}

async function expectNothing(world: World, command: Command, told: number, about: string): Promise<void> {
  expect(told, `${about}: no answer`).toBe(0)
  expect(await count(world, 'incidents', 'title', `Fault ${command.mark}`), about).toBe(0)
  expect(await count(world, 'comments', 'body', `seen ${command.mark}`), about).toBe(0)
}

/** Of the whole database: no gap, no fork in what changed, one card a place, each card up to date. */
async function expectWhole(world: World): Promise<void> {
  const [numbers] = await world.sql<{ incidents: number; last: number }>(
    'select (select count(*)::int from incidents) as incidents, max(last_incident) as last from organizations',
  )
  expect(numbers!.incidents).toBe(numbers!.last)
  const broken = await world.sql(`select * from (
      select incident_id, version, old ->> 'priority' as was, new ->> 'priority' as is,
        lag(new ->> 'priority') over (partition by incident_id order by version nulls first) as before
      from audit where operation in ('update_priority', 'create_incident') and outcome = 'done'
    ) changes where before is not null and before <> was`)
  expect(broken).toEqual([])
  const acknowledged = await world.sql(`select incident_id from audit
    where operation = 'acknowledge' and outcome = 'done' group by 1 having count(*) > 1`)
  expect(acknowledged).toEqual([])
  await expectCards(world)
}

async function expectCards(world: World): Promise<void> {
  const ids = world.slack.state.messages.flatMap(({ metadata }) => {
    const payload = metadata?.event_payload as { id: string } | undefined
    return payload ? [payload.id] : []
  })
  // chat.postMessage can be looked up: not even a lost receipt doubles it.
  expect(ids.length).toBe(new Set(ids).size)
  const posted = await world.sql<{
    key: string
    status: string
    priority: string
    channel: string
    message: string
  }>(
    `select i.key, i.status, i.priority, m.channel, m.message
     from posted_messages m join incidents i on i.org_id = m.org_id and i.id = m.incident_id`,
  )
  expect(posted.length).toBeGreaterThan(0)
  for (const { key, status, priority, channel, message } of posted) {
    const card = world.slack.state.messages.find((one) => one.channel === channel && one.ts === message)
    const text = card ? world.slack.textOf(card) : ''
    expect(text, `the card of ${key} in ${channel}`).toContain(key)
    expect(text).toContain(`Status: ${status}`)
    expect(text).toContain(`Priority: ${priority}`)
  }
  const incidents = await world.sql(
    'select id from incidents i where not exists (select from posted_messages m where m.incident_id = i.id)',
  )
  expect(incidents).toEqual([])
}
