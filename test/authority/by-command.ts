import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { everyone } from './cast.ts'
import type { walked } from './registry.ts'
import { nothingOfTheirs } from './selections.ts'
import { command } from './surfaces.ts'
import { walk } from './walk.ts'
import { openWorld, type World } from './world.ts'

/**
 * The full product: every operation × every department × every rank, typed as a slash command. In two files, for a
 * workspace takes in fifty requests a second.
 */
export function byCommand(operations: typeof walked): void {
  vi.setConfig({ testTimeout: 60_000 })
  describe('by slash command, exactly those whom the design allows', () => {
    let world: World
    beforeAll(async () => {
      world = await openWorld({ copies: 1, slots: 35 })
    }, 90_000)
    afterAll(() => world.tocsin.stop())

    const typed = operations.filter(({ operation }) => operation.verb)
    test.each(typed)('$name', async ({ operation, examples: [example] }) => {
      const questions = everyone().map((who) => ({ operation, example, who, on: nothingOfTheirs }))
      expect(await walk(world, command, questions)).toEqual([])
    })
  })
}
