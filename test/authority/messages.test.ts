import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type ModelStandIn, resultsIn, startModelStandIn } from '../agent/model-stand-in.ts'
import { walked } from './registry.ts'
import { byAdministrator, byRankClass, byRelationsInTurn, byStrangerInDirect, chooser } from './selections.ts'
import { byMessage } from './surfaces.ts'
import { walk } from './walk.ts'
import { openWorld, type World } from './world.ts'

vi.setConfig({ testTimeout: 60_000 })

/**
 * A direct message to the agent, whose model calls whatever tool the message names: every operation there is, the
 * ones that are no tool too. Each by four ranks that stand for all (the departments taking turns), by two
 * relations in turn, by an administrator and a stranger.
 */
const copies = 2
const choose = chooser(copies)
let model: ModelStandIn
let world: World
beforeAll(async () => {
  model = await startModelStandIn({
    respond: (request) => {
      const results = resultsIn(request)
      if (results.length) return { text: `Said: ${results.join(' ')}`, chunks: 1 }
      const said = JSON.stringify(request.input.at(-1))
      const call = JSON.parse(
        /CALL (.*) END/.exec(JSON.parse(`"${/CALL .* END/.exec(said)?.[0]}"`) as string)![1]!,
      )
      return { calls: [call as { name: string; arguments: Record<string, unknown> }] }
    },
  })
  const env = { OPENAI_API_KEY: 'sk-stand-in', OPENAI_BASE_URL: model.url }
  world = await openWorld({ copies, slots: 16, env })
}, 90_000)
afterAll(async () => {
  await world.tocsin.stop()
  await model.stop()
})

test('no tool decides, and none administers', () => {
  const tools = walked.flatMap(({ name, operation }) => (operation.tool ? [name] : []))
  expect(
    tools.filter((name) =>
      /approve|reject|^set_(rank|department|administrator)|team$|audit|config|activate/.test(name),
    ),
  ).toEqual(['set_team'])
})

describe('by a model that calls the tool, exactly those whom the design allows', () => {
  test.each(walked)('$name', async (each) => {
    const first = { ...each, examples: each.examples.slice(0, 1) }
    const questions = [
      ...byRankClass(first, choose),
      ...(each.operation.subject === 'incident' ? byRelationsInTurn(first, choose) : []),
      ...byAdministrator(first),
      ...byStrangerInDirect(first),
    ]
    expect(await walk(world, byMessage, questions)).toEqual([])
  })
})
