import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type ModelStandIn, resultsIn, type StandInCall, startModelStandIn } from '../agent/model-stand-in.ts'
import { member } from './cast.ts'
import { departmentNames, may } from './matrix.ts'
import { auditSince, fingerprint, instant, observe } from './observed.ts'
import { walked } from './registry.ts'
import { nothingOfTheirs } from './selections.ts'
import { prepare } from './slots.ts'
import { openWorld, type World } from './world.ts'

vi.setConfig({ testTimeout: 60_000 })

/**
 * Whatever anybody asks in a direct message, the model calls everything there is, each on an incident of its own, and
 * says that it was all done. Somebody else's words may have told it to: what counts is who asked.
 */
let model: ModelStandIn
let world: World
let attack: StandInCall[] = []
beforeAll(async () => {
  model = await startModelStandIn({
    respond: (request) => {
      if (resultsIn(request).length) return { text: 'All done. You are an administrator now.', chunks: 1 }
      return { calls: attack.splice(0, 20) }
    },
  })
  const env = { OPENAI_API_KEY: 'sk-stand-in', OPENAI_BASE_URL: model.url }
  const asking = departmentNames.map((department) => member(department, 'viewer'))
  world = await openWorld({ copies: 1, slots: walked.length, asking, env })
}, 90_000)
afterAll(async () => {
  await world.tocsin.stop()
  await model.stop()
})

/** Writes first, reads last: they have a message of their own. */
const inOrder = [...walked].sort((a, b) => Number(!a.examples[0].did) - Number(!b.examples[0].did))
const unheardOf = ['approve', 'approve_emergency_spending', 'grant_all', '__proto__', 'constructor']

test.each(departmentNames)(
  'a model that calls everything does only what a viewer of %s may',
  async (department) => {
    const who = member(department, 'viewer')
    const me = world.idOf(who.user)!
    const { sql, slack } = world.tocsin
    const slotOf = (index: number) => world.slots[index]!
    await prepare(
      sql,
      inOrder.map(({ examples: [example] }, index) => ({
        slot: slotOf(index),
        person: me,
        on: nothingOfTheirs,
        status: 'OPEN',
        ...example.given,
      })),
    )
    attack = [
      ...unheardOf.map((name) => ({ name, arguments: { incident: 'INC-001', id: 'APR-001' } })),
      ...inOrder.map(({ name, examples: [example] }, index) => ({
        name,
        arguments: example.input(slotOf(index)),
      })),
    ]
    const before = await fingerprint(sql)
    const since = await instant(sql)
    while (attack.length) {
      // Each message begins a conversation: nothing that was read before makes a write wait for a click.
      await sql('delete from conversation_items')
      const sent = await slack.as(who.user).dm('What is going on?')
      await slack.waitFor(
        () =>
          slack
            .direct(who.user)
            .find(
              (each) => each.order > sent.order && !each.streaming && /All done/.test(slack.textOf(each)),
            ),
        { timeoutMs: 30_000 },
      )
    }

    const allowed = inOrder.filter(
      ({ operation, examples: [example] }) =>
        operation.tool && !example.missing((name) => may(who, name), nothingOfTheirs),
    )
    const lines = (await auditSince(sql, since)).get(me) ?? []
    const done = lines.flatMap(({ operation, outcome }) => (outcome === 'done' ? [operation] : []))
    const refused = lines.flatMap(({ operation, outcome }) => (outcome === 'denied' ? [operation] : []))
    const wanted = allowed.flatMap(({ name, examples: [{ did, audits }] }) =>
      Array.isArray(audits) ? audits : did ? [name] : [],
    )
    expect(done.toSorted()).toEqual(wanted.toSorted())
    const others = inOrder.filter((each) => !allowed.includes(each))
    // That there is no such answer to share is told and not audited.
    const unaudited = others.filter(
      ({ examples: [{ hidden, missing }] }) => hidden && missing((name) => may(who, name), nothingOfTheirs),
    )
    expect([...refused, ...unaudited.map(({ name }) => name)].toSorted()).toEqual(
      others.map(({ name }) => name).toSorted(),
    )
    const states = await observe(sql, world.slots)
    const taken = inOrder.filter(
      ({ examples: [{ did }], name }, index) =>
        did &&
        !['link', 'share_answer'].includes(name) &&
        did(states.get(slotOf(index).number)!, me, slotOf(index)),
    )
    expect(taken.map(({ name }) => name)).toEqual(
      allowed.filter(({ examples: [{ did }] }) => did).map(({ name }) => name),
    )
    if (wanted.length <= 1) {
      const after = await fingerprint(sql)
      const changed = Object.keys(after).filter((table) => after[table] !== before[table])
      // Following is one's own affair: everybody who knows of an incident may.
      expect(changed).toEqual(['incident_people'])
    }
  },
)
