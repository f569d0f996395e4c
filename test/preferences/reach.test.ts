import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Preferences, Way } from '../../src/core/preferences/preference.ts'
import { quietUntil } from '../../src/core/preferences/quiet.ts'
import { reachesOf, type Urgency } from '../../src/core/preferences/reach.ts'
import { savePreferences } from '../../src/core/preferences/save.ts'
import { uuid } from '../../src/db/uuid.ts'
import { createWorld, type World } from '../people/support.ts'

let world: World
let ida: string
let carriers: Record<string, string>
const hook = uuid()

beforeAll(async () => {
  world = await createWorld()
  ida = await world.person('Ida Torres', { email: 'ida@example.com' })
  carriers = { slack: world.slack.id, teams: world.teams.id }
})
afterAll(() => world.close())

const account = (at: string, user: string, seen = '1 hour', kind = 'member') =>
  sql`insert into identities (org_id, workspace_id, external_id, person_id, name, kind, checked_at)
    values (${world.orgId}, ${at}, ${user}, ${ida}, 'Ida', ${kind}, now() - ${seen}::interval)`.execute(
    world.owner,
  )
const carrier = async (platform: 'email' | 'sms' | 'webhook') => {
  const id = uuid()
  await sql`insert into workspaces (org_id, id, platform, external_id, name)
    values (${world.orgId}, ${id}, ${platform}, ${world.orgId}, ${platform})`.execute(world.owner)
  carriers[platform] = id
}
const person = (columns: Record<string, unknown>) =>
  world.owner.updateTable('people').set(columns).where('id', '=', ida).execute()
const prefer = (own: Preferences) => world.within(({ tx, orgId }) => savePreferences(tx, orgId, ida, own))
const organisation = (preferences: Preferences | null) =>
  world.owner
    .updateTable('organizations')
    .set({ settings: JSON.stringify(preferences ? { preferences } : {}) })
    .execute()
const ways = (text: string): Way[] =>
  text.split(', ').map((each) => {
    const [route, after] = each.split(' ')
    return { route: route!, afterSeconds: Number(after) }
  })

/** `slack:UIDA@0` for each way, in order. */
const reaches = async (urgency: Urgency = 'high', options = {}, at?: string) => {
  const found = await world.within((scope) =>
    reachesOf(at ? { ...scope, now: new Date(at) } : scope, [ida], urgency, options),
  )
  return (found.get(ida) ?? [])
    .map(({ carrier, workspaceId, route, afterSeconds }) => {
      expect(workspaceId).toBe(carriers[carrier])
      const address = route.type === 'person' ? route.user : route.channel
      return `${carrier}:${address}@${afterSeconds}`
    })
    .join(' ')
}

beforeEach(async () => {
  await world.owner.deleteFrom('preferences').execute()
  await world.owner.deleteFrom('identities').execute()
  await sql`delete from webhooks`.execute(world.owner)
  await sql`delete from workspaces where platform in ('email', 'sms', 'webhook')`.execute(world.owner)
  await organisation(null)
  await person({ email: 'ida@example.com', phone: '+441632960000', time_zone: null, active: true })
})

const everything = async () => {
  await account(world.slack.id, 'UIDA')
  for (const name of ['email', 'sms', 'webhook'] as const) await carrier(name)
}

test('without any word, pages come by chat, then by text message, then by e-mail; news by chat', async () => {
  await everything()
  expect(await reaches()).toBe('slack:UIDA@0 sms:+441632960000@60 email:ida@example.com@120')
  expect(await reaches('low')).toBe('slack:UIDA@0')
})

test('own preferences go before the organisation’s, these before the defaults; for each urgency by itself', async () => {
  await everything()
  await organisation({ high: ways('email 0'), low: ways('email 30') })
  expect(await reaches()).toBe('email:ida@example.com@0')
  expect(await reaches('low')).toBe('email:ida@example.com@30')
  await prefer({ high: ways('sms 0, chat 300') })
  expect(await reaches()).toBe('sms:+441632960000@0 slack:UIDA@300')
  expect(await reaches('low')).toBe('email:ida@example.com@30')
  await prefer({ high: null, low: ways('chat 0') })
  expect(await reaches()).toBe('email:ida@example.com@0')
  expect(await reaches('low')).toBe('slack:UIDA@0')
})

test('a way that is not there is left out, and the first that is left takes its place in time', async () => {
  await everything()
  await prefer({ high: ways('chat 0, sms 60, email 120') })
  await world.owner.deleteFrom('identities').execute()
  expect(await reaches()).toBe('sms:+441632960000@0 email:ida@example.com@60')
  await person({ phone: null })
  expect(await reaches()).toBe('email:ida@example.com@0')
  await account(world.slack.id, 'UIDA')
  expect(await reaches()).toBe('slack:UIDA@0 email:ida@example.com@120')
  await sql`delete from workspaces where platform = 'email'`.execute(world.owner)
  expect(await reaches()).toBe('slack:UIDA@0')
})

test('the delay before the first of all ways stays', async () => {
  await everything()
  await person({ phone: null })
  await prefer({ high: ways('sms 30, email 90, chat 200') })
  expect(await reaches()).toBe('email:ida@example.com@30 slack:UIDA@140')
})

test('chat is where they were last seen; a guest’s or deactivated account is none', async () => {
  await account(world.slack.id, 'UIDA', '2 hours')
  await account(world.teams.id, 'ida-teams', '1 hour')
  await account(world.slack.id, 'UGUEST', '1 minute', 'guest')
  expect(await reaches('low')).toBe('teams:ida-teams@0')
  await prefer({ low: ways('slack 0, teams 10, console 20') })
  expect(await reaches('low')).toBe('slack:UIDA@0 teams:ida-teams@10')
})

test('two ways to one destination are one, the earlier', async () => {
  await everything()
  await prefer({ high: ways('slack 60, chat 0, email 90') })
  expect(await reaches()).toBe('slack:UIDA@0 email:ida@example.com@90')
})

test('a webhook is a way by its name', async () => {
  await everything()
  await sql`insert into webhooks (org_id, id, name, url, secret, secret_digest)
    values (${world.orgId}, ${hook}, 'Audit-Lake', 'https://hooks.example', '', '')`.execute(world.owner)
  await prefer({ high: ways('chat 0, audit-lake 0, other 5') })
  expect(await reaches()).toBe(`slack:UIDA@0 webhook:${hook}@0`)
})

test('no preference makes anybody unreachable: where nothing is left, the defaults take place', async () => {
  await account(world.slack.id, 'UIDA')
  await prefer({ high: ways('sms 0'), low: ways('email 0') })
  expect(await reaches()).toBe('slack:UIDA@0')
  expect(await reaches('low')).toBe('slack:UIDA@0')
  await world.owner.deleteFrom('identities').execute()
  await carrier('email')
  expect(await reaches()).toBe('email:ida@example.com@0')
})

test('who is deactivated, or has no way at all, has none', async () => {
  expect(await reaches()).toBe('')
  await everything()
  await person({ active: false })
  expect(await reaches()).toBe('')
})

test('however many people there are, there are two queries', async () => {
  await account(world.slack.id, 'UIDA')
  const many = [ida]
  for (let count = 0; count < 20; count += 1) many.push(await world.person(`Person ${count}`))
  await world.within(async (scope) => {
    let queries = 0
    const tx = scope.tx.withPlugin({
      transformQuery: ({ node }) => {
        queries += 1
        return node
      },
      transformResult: async ({ result }) => result,
    }) as typeof scope.tx
    expect((await reachesOf({ ...scope, tx }, many, 'high')).size).toBe(1)
    expect(queries).toBe(2)
  })
})

describe('in quiet hours', () => {
  beforeEach(async () => {
    await everything()
    await person({ time_zone: 'Europe/London' })
    await prefer({ quietHours: { from: '22:00', to: '07:00' } })
  })

  test.each([
    ['before they begin', '2026-07-10T20:59:00Z', 0],
    ['as they begin', '2026-07-10T21:00:00Z', 9 * 3600],
    ['after midnight', '2026-07-10T23:30:00Z', 6.5 * 3600],
    ['as they end', '2026-07-11T06:00:00Z', 0],
    ['in winter', '2026-01-10T22:00:00Z', 9 * 3600],
    ['in the night that the clock goes forward', '2026-03-28T22:00:00Z', 8 * 3600],
    ['in the night that the clock goes back', '2026-10-24T21:00:00Z', 10 * 3600],
  ])('%s, news wait until these are over', async (_, at, seconds) => {
    expect(await reaches('low', {}, at)).toBe(`slack:UIDA@${seconds}`)
  })

  test('the later ways keep their distance, and a P1 page waits for nothing', async () => {
    const at = '2026-07-11T05:00:00Z'
    expect(await reaches('high', {}, at)).toBe(
      'slack:UIDA@3600 sms:+441632960000@3660 email:ida@example.com@3720',
    )
    expect(await reaches('high', { always: true }, at)).toBe(
      'slack:UIDA@0 sms:+441632960000@60 email:ida@example.com@120',
    )
  })

  test('a way that would fall into them is put off alone', async () => {
    expect(await reaches('high', {}, '2026-07-10T20:58:30Z')).toBe(
      `slack:UIDA@0 sms:+441632960000@60 email:ida@example.com@${9 * 3600 + 90}`,
    )
  })

  test('who has no zone has them by UTC; who switched them off has none, whatever the organisation says', async () => {
    await person({ time_zone: null })
    expect(await reaches('low', {}, '2026-07-10T21:30:00Z')).toBe('slack:UIDA@0')
    expect(await reaches('low', {}, '2026-07-10T22:00:00Z')).toBe(`slack:UIDA@${9 * 3600}`)
    await organisation({ quietHours: { from: '00:00', to: '23:59' } })
    await prefer({ quietHours: { from: '00:00', to: '00:00' } })
    expect(await reaches('low', {}, '2026-07-10T22:00:00Z')).toBe('slack:UIDA@0')
    await prefer({ quietHours: null })
    expect(await reaches('low', {}, '2026-07-10T22:00:00Z')).toBe(`slack:UIDA@${2 * 3600 - 60}`)
  })
})

test.each([
  [
    'a night in a zone of half hours',
    'Australia/Lord_Howe',
    '2026-04-04T14:00:00Z',
    '2026-04-04T20:30:00.000Z',
  ],
  ['hours that the clock skips', 'Europe/London', '2026-03-29T01:10:00Z', '2026-03-29T01:30:00.000Z'],
  ['a day that there was not', 'Pacific/Apia', '2011-12-30T09:00:00Z', '2011-12-30T17:00:00.000Z'],
])('quiet hours hold in %s', (_, zone, at, ends) => {
  const quiet = zone === 'Europe/London' ? { from: '23:00', to: '01:30' } : { from: '22:00', to: '07:00' }
  const until = quietUntil(quiet, zone, Date.parse(at))
  expect(until === undefined ? undefined : new Date(until).toISOString()).toBe(ends)
})
