import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createRowQueue } from '../../src/chat/row-queue.ts'
import type { InboxRow } from '../../src/core/inbox.ts'

const row = (id: string, sender = id): InboxRow => ({
  orgId: 'o',
  id,
  workspaceId: 'w',
  sender,
  payload: {},
  attempts: 1,
})

/** A queue whose rows end when they are told to; what happened, in order. */
function stage(options: { most?: number; mostApart?: number; apart?: string[] } = {}) {
  const log: string[] = []
  const ends = new Map<string, (error?: Error) => void>()
  const ended = (id: string) =>
    new Promise<void>((resolve, reject) => {
      ends.set(id, (error) => (error ? reject(error) : resolve()))
    })
  const queue = createRowQueue({
    most: options.most ?? 2,
    mostApart: options.mostApart ?? 2,
    work: async ({ id }) => {
      log.push(`begin ${id}`)
      const wait = () => {
        log.push(`wait ${id}`)
        return ended(id)
      }
      await (options.apart?.includes(id) ? queue.apart(id, wait) : ended(id))
      log.push(`end ${id}`)
    },
    failed: async ({ id }, error) => void log.push(`failed ${id}: ${(error as Error).message}`),
  })
  const settle = async () => {
    for (let i = 0; i < 5; i++) await turn()
  }
  const finish = async (id: string, error?: Error) => {
    ends.get(id)!(error)
    await settle()
  }
  return { queue, log, finish, settle }
}

test('one sender’s rows go in order, others’ beside them, so many at once', async () => {
  const { queue, log, finish, settle } = stage()
  for (const each of [row('a1', 'a'), row('a2', 'a'), row('b'), row('c')]) queue.add(each)
  await settle()
  expect(log).toEqual(['begin a1', 'begin b'])
  await finish('b')
  await finish('a1', new Error('no'))
  expect(log.slice(2)).toEqual(['end b', 'begin c', 'failed a1: no', 'begin a2'])
  await finish('a2')
  await finish('c')
  expect(queue.held()).toEqual([])
})

test('what waits apart holds up nobody, and its sender’s next wait comes after it', async () => {
  const { queue, log, finish, settle } = stage({ most: 2, apart: ['a1', 'a2'] })
  for (const each of [row('a1', 'a'), row('a2', 'a'), row('a3', 'a'), row('b')]) queue.add(each)
  await settle()
  expect(log).toContain('wait a1')
  expect(log).toContain('begin a3')
  expect(log).not.toContain('wait a2')
  expect(queue.counts()).toEqual({ here: 2, apart: 2 })
  expect(log).toContain('begin b')
  await finish('a3')
  await finish('a1')
  expect(log).toContain('wait a2')
  await finish('b')
  await finish('a2')
  expect(queue.counts()).toEqual({ here: 0, apart: 0 })
  expect(queue.held()).toEqual([])
})

test('so many wait apart at once; a failure there is the row’s', async () => {
  const { queue, log, finish, settle } = stage({ most: 8, mostApart: 1, apart: ['a', 'b'] })
  for (const id of ['a', 'b']) queue.add(row(id))
  await settle()
  expect(log).toEqual(['begin a', 'begin b', 'wait a'])
  await finish('a', new Error('down'))
  expect(log.slice(3)).toEqual(expect.arrayContaining(['failed a: down', 'wait b']))
  await finish('b')
  expect(log.at(-1)).toBe('end b')
})

test('at the end no further row begins, and those under way are waited for', async () => {
  const { queue, log, finish, settle } = stage({ most: 1, apart: ['a'] })
  for (const id of ['a', 'b', 'c']) queue.add(row(id))
  await settle()
  let over = false
  const end = queue.end().then(() => {
    over = true
  })
  await finish('b')
  expect(over).toBe(false)
  await finish('a')
  await end
  expect(log).not.toContain('begin c')
  expect(queue.held().map(({ id }) => id)).toEqual(['c'])
})
