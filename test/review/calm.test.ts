/** What people type, however odd, holds up nobody else. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { plainStream, plainWords } from '../../src/agent/plain-words.ts'
import { plan } from '../../src/agent/planner/plan.ts'
import { readLine } from '../../src/chat/grammar.ts'
import { registry } from '../../src/operations/registry.ts'
import { exampleUsers, startTocsin, type Tocsin } from '../support/app.ts'

/** Slack's longest message. */
const length = 40_000
const fillings = [
  '@',
  ' ',
  '\u00a0',
  '"',
  '“ ',
  '“',
  '.',
  '? ',
  '?',
  '<@',
  '[',
  '-',
  '0',
  ' page',
  'and ',
  'a, ',
]
const endings = ['', '!', ' !x', '\nz']
const filled = (text: string, size = length) => text.repeat(Math.ceil(size / text.length)).slice(0, size)

/** Linear work takes a few milliseconds, quadratic work a second and more; the better of two on a busy machine. */
const milliseconds = (work: () => unknown): number => {
  const once = () => {
    const started = performance.now()
    work()
    return performance.now() - started
  }
  const first = once()
  return first > 100 ? Math.min(first, once()) : first
}

describe('40,000 characters are read in no time', () => {
  const verbs = [
    ...new Set(registry.flatMap(({ verb }) => (verb ? [verb.words.join(' '), ...(verb.aliases ?? [])] : []))),
  ]
  test.each(['', ...verbs])('after the verb "%s"', (verb) => {
    for (const filling of fillings) {
      for (const ending of endings) {
        const line = `${verb} ${filled(filling)}${ending}`
        const ms = milliseconds(() => readLine(line, registry))
        expect(ms, JSON.stringify([verb, filling, ending])).toBeLessThan(250)
      }
    }
  })

  test('by the planner, and as a model’s words', () => {
    for (const filling of fillings) {
      for (const ending of endings) {
        const text = `${filled(filling)}${ending}`
        expect(
          milliseconds(() => plan(text)),
          filling,
        ).toBeLessThan(250)
        const short = `add ${filled(filling, 1_900)}${ending}`
        expect(
          milliseconds(() => plan(short)),
          filling,
        ).toBeLessThan(400)
      }
    }
    for (const filling of ['[', '<', '[a](', '![', '@a']) {
      const growing = () => {
        const stream = plainStream(() => undefined)
        for (let at = 0; at < length; at += filling.length) stream.append(filling)
        stream.end()
      }
      expect(milliseconds(growing), filling).toBeLessThan(2_000)
      expect(
        milliseconds(() => plainWords(filled(filling))),
        filling,
      ).toBeLessThan(1_000)
    }
  })
})

describe('a model that says nothing', () => {
  const silent = createServer(() => undefined)
  let tocsin: Tocsin
  beforeAll(async () => {
    await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done))
    const { port } = silent.address() as AddressInfo
    const env = { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`, OPENAI_MODEL: 'm' }
    tocsin = await startTocsin({ env })
  })
  afterAll(async () => {
    silent.closeAllConnections()
    silent.close()
    await tocsin.stop()
  })

  test('holds up no verb and no button, not even of those who asked it', async () => {
    const { slack } = tocsin
    for (const user of exampleUsers) await slack.as(user.id).dm('what on earth is going on today?')
    const asked = async (user: string) => {
      const sent = await slack.as(user).command('help', { channel: 'C0GENERAL' })
      // The model is given ten seconds to begin.
      return slack.textOf(await slack.answerTo(sent, { timeoutMs: 6_000 }))
    }
    slack.addUser({ id: 'UNEW', name: 'New One' })
    expect(await asked('UNEW')).toContain('help')
    expect(await asked('UIDA')).toContain('help')
  })
})
