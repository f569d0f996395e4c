import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { walked } from './registry.ts'
import {
  byAdministrator,
  byDepartment,
  byPrivacy,
  byRank,
  byRelationAlone,
  byStrangers,
  chooser,
} from './selections.ts'
import { button } from './surfaces.ts'
import { walk } from './walk.ts'
import { openWorld, type World } from './world.ts'

vi.setConfig({ testTimeout: 60_000 })

/**
 * A button for every operation there is, whether or not any card of ours has one: its value is only what Slack sends
 * back. Each operation by every rank (the departments taking turns), its variants by every department, by each relation
 * alone, on private incidents, by an administrator and a stranger.
 */
const copies = 2
const choose = chooser(copies)
let world: World
beforeAll(async () => {
  world = await openWorld({ copies, slots: 40 })
}, 90_000)
afterAll(() => world.tocsin.stop())

describe('by button, exactly those whom the design allows', () => {
  test.each(walked)('$name', async (each) => {
    const first = { ...each, examples: each.examples.slice(0, 1) }
    const onIncident = each.operation.subject === 'incident'
    const questions = [
      ...byRank(first, choose),
      ...byDepartment({ ...each, examples: each.examples.slice(1) }, choose),
      ...(onIncident ? byRelationAlone(first, choose) : []),
      ...(onIncident ? byPrivacy(first, choose).slice(0, 2) : []),
      ...byAdministrator(first),
      ...byStrangers(first, 1),
    ]
    expect(await walk(world, button, questions)).toEqual([])
  })
})
