import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { answer, channel, createWorld, recordingPlatform, until, type World } from './support.ts'

let world: World
beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.close())

test('what a killed process was sending is taken over within 15 s, once, and looked up first', async () => {
  const [id] = await world.put([
    { route: channel('C1'), notification: answer('first') },
    { route: channel('C1'), notification: answer('second') },
  ])
  const script = new URL('killed-worker.ts', import.meta.url).pathname
  const worker = spawn(process.execPath, [script, world.url], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = (await once(worker.stdout, 'data')) as [Buffer]
  expect(said.toString().trim()).toBe(id)
  worker.kill('SIGKILL')
  const killed = Date.now()
  const { platform, taken } = recordingPlatform()
  await world.engine(platform).start()
  await world.engine(platform).start()
  await until(() => taken.length === 2, 16_000)
  expect(taken[1]!.at - killed).toBeLessThan(15_000)
  expect(taken.map(({ text, outgoing }) => [text, outgoing.uncertain])).toEqual([
    ['first', true],
    ['second', false],
  ])
})
