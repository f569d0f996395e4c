import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { walked } from './registry.ts'
import { byAdministrators, byPrivacy, byRelation, byStrangers, byTeam, chooser } from './selections.ts'
import { command } from './surfaces.ts'
import { walk } from './walk.ts'
import { openWorld, type World } from './world.ts'

vi.setConfig({ testTimeout: 60_000 })

/** Beside department and rank (commands.test.ts): relations, teams, private incidents, administrators, strangers. */
const copies = 2
const choose = chooser(copies)
let world: World
beforeAll(async () => {
  world = await openWorld({ copies, slots: 60 })
}, 90_000)
afterAll(() => world.tocsin.stop())

const onIncident = walked.filter(({ operation }) => operation.subject === 'incident')
const ofTeams = walked.filter(({ name }) => ['add_to_team', 'remove_from_team'].includes(name))

describe('standing on an incident gives what the design says, and nothing more', () => {
  test.each(onIncident)('$name', async (each) => {
    const questions = [...byRelation(each, choose), ...byTeam(each, choose), ...byPrivacy(each, choose)]
    expect(await walk(world, command, questions)).toEqual([])
  })
})

test.each(ofTeams)('$name reaches own teams, or every team', async (each) => {
  expect(await walk(world, command, byTeam(each, choose))).toEqual([])
})

test('administrators administer and see, and do nothing else by it', async () => {
  expect(await walk(world, command, walked.flatMap(byAdministrators))).toEqual([])
})

test('strangers get a polite word and nothing else, whatever they type', async () => {
  expect(
    await walk(
      world,
      command,
      walked.flatMap((each) => byStrangers(each, 2)),
    ),
  ).toEqual([])
})
