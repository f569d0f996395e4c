/** Turns whose model is down, and turns that another replica takes over. */
import { describe, expect, test } from 'vitest'
import { createAgent } from '../../src/agent/loop.ts'
import { inOrg } from '../../src/db/pool.ts'
import { createLogger } from '../../src/log.ts'
import { registry } from '../../src/operations/registry.ts'
import { agent, olga, org, standIn } from './loop-support.ts'
import { resultsIn } from './model-stand-in.ts'
import { countOf } from './organisation.ts'

describe('when the model is down', () => {
  test('a plain request is read without it, and the next ones do not wait for it', async () => {
    standIn.respond = () => ({ status: 400, body: '{"error":{"message":"bad sk-secret-key","code":"no"}}' })
    const bot = agent()
    const first = await bot.turn(org.request(olga, 'set INC-001 to P4'))
    expect(first.text).toBe('')
    expect(first.outcomes[0]!.parts[0]).toMatchObject({ kind: 'change', to: 'P4' })
    const asked = standIn.requests.length
    const second = await bot.turn(org.request(olga, 'what is the meaning of this?'))
    expect(second.text).toMatch(/^I read commands only right now \(the model does not answer\)\. Try: /)
    expect(standIn.requests).toHaveLength(asked)
  })

  test('one brief fault is tried again, a refusal to serve is not waited for', async () => {
    let asked = 0
    standIn.respond = () => (++asked === 1 ? { status: 503 } : { text: 'Here again.' })
    expect((await agent().turn(org.request(olga, 'hello'))).text).toBe('Here again.')
    standIn.respond = () => ({ status: 429 })
    standIn.requests.length = 0
    expect((await agent().turn(org.request(olga, 'tell me a story'))).text).toMatch(/^I read commands only/)
    expect(standIn.requests).toHaveLength(1)
  })

  test('a turn that had done something says what, and does no more', async () => {
    standIn.respond = (request) =>
      resultsIn(request).length
        ? { status: 500 }
        : { calls: [{ name: 'update_priority', arguments: { incident: 'INC-001', priority: 'P5' } }] }
    const result = await agent().turn(org.request(olga, 'set INC-001 to P5 and tell me more'))
    expect(result.text).toBe(
      'The model does not answer right now. Done: update_priority on INC-001 (P4 to P5). Nothing else was changed. Verbs and buttons work: try help.',
    )
  })

  test.each([
    ['a stream that breaks off', { events: [{ type: 'response.output_text.delta', delta: 'I have' }] }],
    ['no JSON in the stream', { events: ['event: response.created\ndata: {nonsense\n\n'] }],
    [
      'a failed response',
      { events: [{ type: 'response.failed', response: { error: { code: 'server_error' } } }] },
    ],
    ['an error event', { events: [{ type: 'error', code: 'rate_limit', message: 'sk-secret-key' }] }],
    [
      'a call without a name',
      {
        events: [
          { type: 'response.completed', response: { output: [{ type: 'function_call', call_id: 'x' }] } },
        ],
      },
    ],
    [
      'a cut response without text',
      {
        events: [
          { type: 'response.incomplete', response: { incomplete_details: { reason: 'max_output_tokens' } } },
        ],
      },
    ],
    ['a completed response without anything', { events: [{ type: 'response.completed' }] }],
  ])('%s gets an honest answer', async (_name, answer) => {
    standIn.respond = () => answer
    const { text } = await agent().turn(org.request(olga, 'tell me a story'))
    expect(text).toMatch(/^(I read commands only right now|The model gave no answer\. Nothing was changed\.)/)
    expect(text).not.toContain('sk-secret')
  })

  test('a model that hangs before it begins is given up', async () => {
    standIn.respond = () => ({ hang: true })
    const { text } = await agent({}, { beginMs: 100 }).turn(org.request(olga, 'tell me a story'))
    expect(text).toMatch(/^I read commands only/)
    standIn.respond = () => ({ hang: true, begin: true })
    const idle = await agent({}, { idleMs: 100 }).turn(org.request(olga, 'tell me a story'))
    expect(idle.text).toMatch(/^I read commands only/)
  })
})

describe('a turn that another replica takes over', () => {
  test('does not repeat what was done, whether the model asks again or goes on', async () => {
    const ask = { name: 'comment', arguments: { incident: 'INC-001', text: 'failing over', internal: null } }
    const request = org.request(olga, 'note that we fail over')
    const before = await countOf(org, 'comments')
    standIn.respond = (asked) => (resultsIn(asked).length ? { hang: true } : { calls: [ask] })
    const dying = agent({ wallMs: 400 }).turn({ ...request, signal: AbortSignal.timeout(300) })
    expect((await dying).text).toMatch(/^I was interrupted\. Done: comment on INC-001/)
    expect(await countOf(org, 'comments')).toBe(before + 1)

    let asked = 0
    standIn.respond = () => (++asked === 1 ? { calls: [ask] } : { text: 'The note is there.' })
    const again = await agent().turn(request)
    expect(again.text).toBe('The note is there.')
    expect(await countOf(org, 'comments')).toBe(before + 1)
    // The first request of the second run already holds the call and its result.
    expect(resultsIn(standIn.requests.at(-2)!)).toHaveLength(1)
    expect(resultsIn(standIn.requests.at(-1)!)).toHaveLength(2)
  })

  test('without a model shows what the first run did', async () => {
    const bot = createAgent({ db: org.db, registry, log: createLogger('silent') })
    const request = org.request(olga, 'set INC-001 to P3')
    const first = await bot.turn(request)
    const version = (await org.incident('INC-001')).version
    const second = await bot.turn(request)
    expect(second.outcomes).toEqual(first.outcomes)
    expect((await org.incident('INC-001')).version).toBe(version)
  })

  test('has its effect once when two replicas work it at the same moment', async () => {
    const bots = [1, 2, 3].map(() => createAgent({ db: org.db, registry, log: createLogger('silent') }))
    const request = org.request(olga, 'note on INC-001: only once')
    const before = await countOf(org, 'comments')
    await Promise.all(bots.map((bot) => bot.turn(request)))
    expect(await countOf(org, 'comments')).toBe(before + 1)
  })

  test('does nothing once the request was completed', async () => {
    const request = org.request(olga, 'set INC-001 to P1')
    await inOrg(org.db, org.orgId, ({ tx }) =>
      tx
        .insertInto('inbox')
        .values({
          org_id: org.orgId,
          id: request.turnId,
          workspace_id: org.workspaceId,
          event_id: request.turnId,
          sender: 'olga',
          payload: '{}',
          state: 'done',
        })
        .execute(),
    )
    const before = await org.incident('INC-001')
    const bot = createAgent({ db: org.db, registry, log: createLogger('silent') })
    expect((await bot.turn(request)).text).toMatch(/worked elsewhere/)
    expect(await org.incident('INC-001')).toEqual(before)
  })
})
