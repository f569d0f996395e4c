import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Identified } from '../../src/core/identities.ts'
import type { Platform, Profile } from '../../src/ports/platform.ts'
import { climbing } from '../escalation/support.ts'
import { voices } from '../stories/speak.ts'
import { startTocsin } from '../support/app.ts'
import { type Finder, startFinder } from './find-people-support.ts'
import { createWorld, trusting, type World } from './support.ts'

test('the engineer on call is paged in a direct message without ever having spoken to the bot', async () => {
  const tocsin = await startTocsin({ configuration: climbing })
  try {
    const { slack, sql } = tocsin
    const { ask, heard } = voices(() => tocsin)
    await slack.waitFor(
      async () => (await sql("select 1 from identities where external_id = 'UIDA'")).length === 1,
      { timeoutMs: 10_000, what: "Ida's account" },
    )
    expect(slack.direct('UIDA')).toEqual([])
    expect(await ask('UOLGA', 'declare Checkout is down', 'C0PAYMENTS')).toContain('INC-001')
    const page = await heard({ direct: 'UIDA' }, 'INC-001 needs you: Checkout is down')
    await slack.as('UIDA').click(page, 'Acknowledge')
    await heard({ channel: 'C0PAYMENTS' }, 'acknowledged by Ida Torres')
  } finally {
    await tocsin.stop()
  }
})

describe('people who have not spoken yet', () => {
  let world: World
  let finder: Finder
  beforeEach(async () => {
    world = await createWorld()
    finder = await startFinder(world)
    await world.apply(trusting)
  })
  afterEach(async () => {
    await finder.stop()
    await world.close()
  })

  test('are found by an address of a trusted domain, once, and the audit log says so', async () => {
    const ida = await world.person('Ida Torres', { email: 'Ida@Example.com', rank: 'oncall_engineer' })
    finder.slack.addUser({ id: 'UIDA', name: 'ida', email: 'ida@example.com', timeZone: 'Asia/Kathmandu' })
    await finder.look()
    await finder.wait(60)
    await finder.look()
    expect(await finder.accounts()).toEqual(['UIDA Ida Torres'])
    expect(finder.asked()).toEqual(['ida@example.com'])
    expect(await world.row(ida)).toMatchObject({ rank: 'oncall_engineer', time_zone: 'Asia/Kathmandu' })
    expect(await world.audit()).toContainEqual(
      expect.objectContaining({
        operation: 'join_account',
        subject: 'Ida Torres',
        new: { account: 'slack UIDA' },
      }),
    )
    expect(await world.owner.selectFrom('person_searches').selectAll().execute()).toEqual([])
  })

  test('are not asked for by an address whose domain is not trusted, exactly', async () => {
    for (const [index, email] of [
      'ida@elsewhere.test',
      'ida@sub.example.com',
      'ida@example.com.evil.test',
      'x@y@example.com',
      '@example.com',
    ].entries()) {
      await world.person(`Ida ${index}`, { email })
      finder.slack.addUser({ id: `U${index}`, name: 'Mallory', email })
    }
    await finder.look()
    expect(finder.slack.calls()).toEqual([])
    expect(await finder.accounts()).toEqual([])
  })

  test('are not joined with guests, bots, foreigners and deactivated accounts, who leave nothing behind', async () => {
    const kinds = {
      guest: { guest: true },
      bot: { bot: true },
      foreign: { team: 'T9' },
      gone: { deactivated: true },
    }
    for (const [kind, set] of Object.entries(kinds)) {
      await world.person(kind, { email: `${kind}@example.com` })
      finder.slack.addUser({ id: `U${kind}`, name: kind, email: `${kind}@example.com`, ...set })
    }
    await finder.look()
    expect(finder.asked()).toHaveLength(4)
    expect(await finder.accounts()).toEqual([])
  })

  test('are not joined with an account that the platform gives for another address', async () => {
    await world.person('Ida Torres', { email: 'ida@example.com', admin: true })
    const mallory: Profile = { user: 'UMAL', name: 'Ida Torres', email: 'mal@example.com', kind: 'member' }
    const platform = { name: 'slack', findByEmail: async () => mallory } as unknown as Platform
    const { look } = finder.replica({ platforms: new Map([['slack', platform]]) })
    await look()
    expect(await finder.accounts()).toEqual([])
  })

  test('are not joined with an account that is somebody else already', async () => {
    await world.person('Ida Torres', { email: 'ida@example.com', admin: true })
    const other = await world.arrive(world.slack, 'UIVO', { name: 'Ivo', email: 'ivo@example.com' })
    finder.slack.addUser({ id: 'UIVO', name: 'Ivo', email: 'ida@example.com' })
    await finder.look()
    expect(finder.asked()).toEqual(['ida@example.com'])
    expect(await finder.accounts()).toEqual(['UIVO Ivo'])
    expect((await world.row((other as Identified & { kind: 'person' }).personId)).admin).toBe(false)
  })

  test('are not looked for while they are deactivated', async () => {
    const ida = await world.person('Ida Torres', { email: 'ida@example.com' })
    await world.owner.updateTable('people').set({ active: false }).where('id', '=', ida).execute()
    await finder.look()
    expect(finder.asked()).toEqual([])
  })

  test('are found by the account that the configuration file names, a full member alone', async () => {
    finder.slack.addUser({ id: 'UIDA', name: 'ida' })
    finder.slack.addUser({ id: 'UGUS', name: 'gus', guest: true })
    await world.apply(`people:
  - { name: Ida Torres, on: { slack: UIDA } }
  - { name: Gus Guest, on: { slack: UGUS }, rank: cto }
  - { name: Nora Nobody, on: { slack: UNONE } }
`)
    await finder.look()
    expect(await finder.accounts()).toEqual(['UIDA Ida Torres'])
    expect(finder.asked()).toEqual([])
  })

  test('take over what their account had become by itself a moment ago', async () => {
    await world.arrive(world.slack, 'UIDA', { name: 'ida', email: 'ida@elsewhere.test' })
    finder.slack.addUser({ id: 'UIDA', name: 'ida', email: 'ida@example.com' })
    await world.apply(`${trusting}people:\n  - { name: Ida Torres, email: ida@example.com, rank: manager }\n`)
    await finder.look()
    expect(await finder.accounts()).toEqual(['UIDA Ida Torres'])
  })

  test('are administrators when ADMIN_EMAILS says so, as if they had spoken', async () => {
    await world.person('Olga Brandt', { email: 'olga@example.com', admin: true })
    const ada = await world.person('Ada Admin', { email: 'ada@example.com' })
    finder.slack.addUser({ id: 'UADA', name: 'ada', email: 'ada@example.com' })
    await finder.replica({ adminEmails: ['ada@example.com'] }).look()
    expect((await world.row(ada)).admin).toBe(true)
  })

  test('whom nobody was found for are asked for again after an hour, not before', async () => {
    await world.person('Ida Torres', { email: 'ida@example.com' })
    await finder.look()
    finder.slack.addUser({ id: 'UIDA', name: 'ida', email: 'ida@example.com' })
    await world.later('59 minutes')
    await finder.wait(60)
    await finder.look()
    expect(finder.asked()).toHaveLength(1)
    await world.later('2 minutes')
    await finder.look()
    expect(finder.asked()).toHaveLength(2)
    expect(await finder.accounts()).toEqual(['UIDA Ida Torres'])
  })

  test('are asked for at once when their address changes', async () => {
    const ida = await world.person('Ida Torres', { email: 'ida@example.com' })
    finder.slack.addUser({ id: 'UIDA', name: 'ida', email: 'ida.torres@example.com' })
    await finder.look()
    await world.owner
      .updateTable('people')
      .set({ email: 'ida.torres@example.com' })
      .where('id', '=', ida)
      .execute()
    await finder.look()
    expect(finder.asked()).toEqual(['ida@example.com', 'ida.torres@example.com'])
    expect(await finder.accounts()).toEqual(['UIDA Ida Torres'])
  })
})
