import { afterEach, beforeEach, expect, test } from 'vitest'
import { answer, channel, createWorld, recordingPlatform, until, type World } from './support.ts'

let world: World
beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.close())

test('what has been over for long is cleared, everything else stays', async () => {
  const { org, workspace, person } = world.ids
  await world.put(
    ['old', 'dead', 'recent', 'waiting'].map((text) => ({
      route: channel('C1'),
      notification: answer(text),
    })),
  )
  await world.rows(`update lanes set not_before = 'infinity'`)
  await world.rows(
    `update deliveries set state = 'sent', settled_at = now() - interval '31 days' where sequence = 1`,
  )
  await world.rows(
    `update deliveries set state = 'dead', settled_at = now() - interval '31 days' where sequence = 2`,
  )
  await world.rows(
    `update deliveries set state = 'sent', settled_at = now() - interval '29 days' where sequence = 3`,
  )
  await world.rows(
    `insert into inbox (org_id, id, workspace_id, event_id, sender, payload, state, done_at)
     select $1, gen_random_uuid(), $2, n::text, 'a', '{}', case n when 1 then 'failed' else 'done' end,
       now() - interval '1 day' * (6 + n) from generate_series(0, 2500) n`,
    [org, workspace],
  )
  await world.rows(
    `insert into link_codes (org_id, code_hash, person_id, workspace_id, external_id, expires_at) values
     ($1, 'a', $2, $3, 'U1', now() - interval '1 minute'), ($1, 'b', $2, $3, 'U1', now() + interval '1 hour')`,
    [org, person, workspace],
  )
  const engine = world.engine(recordingPlatform().platform)
  await engine.start()
  await until(async () => (await world.rows('select from link_codes')).length === 1)
  expect(
    await world.rows(`select notification->'card'->>'summary' as text from deliveries order by sequence`),
  ).toEqual([{ text: 'recent' }, { text: 'waiting' }])
  expect(await world.rows('select event_id from inbox')).toEqual([{ event_id: '0' }])
  expect(engine.status().jobs.find(({ name }) => name === 'maintain')).toMatchObject({ failures: 0 })
})
