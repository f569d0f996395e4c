import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ModelStandIn, resultsIn, startModelStandIn } from '../agent/model-stand-in.ts'
import { startTocsin, type Tocsin } from '../support/app.ts'
import { voices } from './speak.ts'

describe('without a model', () => {
  let tocsin: Tocsin
  beforeAll(async () => {
    tocsin = await startTocsin()
    await ask('UIDA', 'declare Checkout is down', 'C0PAYMENTS')
    await ask('UOLGA', 'impact INC-001 carts fail at payment')
  })
  afterAll(() => tocsin.stop())
  const { ask, tell, heard, words, everybody } = voices(() => tocsin)

  test('plain sentences in one’s own conversation do what the verbs do', async () => {
    expect(await tell('UVIC', 'what is open for payments?')).toContain('INC-001  Checkout is down')
    expect(await tell('UOLGA', 'Set incident priority to P1')).toContain(
      'INC-001 is P1, set by Olga Brandt (was P3)',
    )
    // Whoever declared it follows it: told first, then answered.
    await tocsin.settled()
    expect(await tell('UIDA', 'please take INC-001')).toContain('INC-001 taken by Ida Torres')
    expect(await tell('UVIC', 'who is on this?')).toContain('Ida Torres')
  })

  test('verbs need no slash there, and hints show none', async () => {
    expect(await tell('UIDA', 'show INC-001')).toContain('Checkout is down')
    expect(await tell('UOLGA', 'priority')).toContain('Write it like this: priority INC-001 P1..P5')
  })

  test('a question or a negation writes nothing', async () => {
    await tell('UOLGA', 'should we set INC-001 to P2?')
    await tell('UOLGA', 'do not set INC-001 to P2')
    expect(await ask('UVIC', 'show INC-001')).toContain('Priority: P1')
  })

  test('what is not understood is answered with what is', async () => {
    expect(await tell('UIDA', 'sing me a song')).toMatch(
      /^I read commands only right now \(no model is connected\)\. Try: /,
    )
  })

  test('a refusal in plain words names the permission and who has it', async () => {
    const refusal = await tell('UVIC', 'set INC-001 to P3')
    expect(refusal).toContain("INC-001's priority was not changed: that needs update_priority.")
    expect(refusal).toContain('Olga Brandt (OPS)')
  })

  test('a mention shows a neutral status, then one message in its thread', async () => {
    const { slack } = tocsin
    const sent = await slack.as('UVIC').mention('what is open?', { channel: 'C0GENERAL' })
    const reply = await heard({ channel: 'C0GENERAL' }, 'INC-001')
    expect(reply.thread_ts).toBe(sent.thread)
    expect(slack.statuses()).toContainEqual(
      expect.objectContaining({ channel_id: 'C0GENERAL', thread_ts: sent.thread }),
    )
    expect(JSON.stringify(slack.statuses())).not.toMatch(/INC-|open\?/)
    await tocsin.settled()
    expect(slack.messages('C0GENERAL').filter((each) => each.thread_ts === sent.thread)).toHaveLength(1)
  })

  test('a mention whose answer is restricted is answered in the direct conversation', async () => {
    await tocsin.slack.as('UOLGA').mention('summarise INC-001', { channel: 'C0GENERAL' })
    await heard({ channel: 'C0GENERAL' }, 'Answered Olga Brandt privately.')
    expect(words(await heard({ direct: 'UOLGA' }, 'carts fail'))).toContain('INC-001  Checkout is down')
    expect(everybody('C0GENERAL')).not.toContain('carts fail')
  })
})

describe('with a model', () => {
  let tocsin: Tocsin
  let model: ModelStandIn
  beforeAll(async () => {
    model = await startModelStandIn({ respond: () => ({ text: 'Hello.' }) })
    tocsin = await startTocsin({
      env: { OPENAI_API_KEY: 'sk-stand-in', OPENAI_BASE_URL: model.url, OPENAI_MODEL: 'stand-in' },
    })
    await ask('UIDA', 'declare Checkout is down', 'C0PAYMENTS')
    await ask('UOLGA', 'impact INC-001 carts fail at payment')
  })
  afterAll(async () => {
    await tocsin.stop()
    await model.stop()
  })
  const { ask, tell, heard, words, everybody } = voices(() => tocsin)

  test('in one’s own conversation the answer grows while the model speaks', async () => {
    const text = 'INC-001 is open. Nobody is assigned. Take it with: take INC-001.'
    model.respond = () => ({ text, chunks: 8 })
    await tocsin.slack.as('UIDA').dm('how is it going?')
    await heard({ direct: 'UIDA' }, text)
    const methods = tocsin.slack.calls().map((call) => call.method)
    expect(methods).toContain('chat.startStream')
    expect(methods).toContain('chat.stopStream')
    await tocsin.settled()
    expect(tocsin.slack.direct('UIDA').filter((each) => words(each).includes(text))).toHaveLength(1)
  })

  test('it does what is asked with the person’s own rights', async () => {
    const call = { name: 'update_priority', arguments: { incident: 'INC-001', priority: 'P2' } }
    model.respond = (request) => (resultsIn(request).length ? { text: 'It is P2 now.' } : { calls: [call] })
    expect(await tell('UOLGA', 'this is getting worse, make it P2 please')).toContain('It is P2 now.')
    expect(await ask('UVIC', 'show INC-001')).toContain('Priority: P2')

    model.respond = (request) =>
      resultsIn(request).length
        ? { text: 'You may not.' }
        : { calls: [{ ...call, arguments: { incident: 'INC-001', priority: 'P5' } }] }
    await tell('UVIC', 'make it P5')
    expect(await ask('UVIC', 'show INC-001')).toContain('Priority: P2')
  })

  test('what the model says of restricted facts in a channel goes to the asker alone', async () => {
    model.respond = (request) =>
      resultsIn(request).length
        ? { text: 'Customers cannot pay: carts fail at payment.' }
        : { calls: [{ name: 'view_incident_details', arguments: { incident: 'INC-001' } }] }
    await tocsin.slack.as('UOLGA').mention('what does it mean for the business?', { channel: 'C0GENERAL' })
    await heard({ channel: 'C0GENERAL' }, 'Answered Olga Brandt privately.')
    await heard({ direct: 'UOLGA' }, 'Customers cannot pay')
    await tocsin.settled()
    expect(everybody('C0GENERAL')).not.toMatch(/carts fail|cannot pay/)
    // Nothing of it is sent to the model for somebody who may not see it.
    const before = model.bodies.length
    model.respond = (request) =>
      resultsIn(request).length
        ? { text: 'It is open.' }
        : { calls: [{ name: 'view_incident_details', arguments: { incident: 'INC-001' } }] }
    expect(await tell('UVIC', 'what do you know of INC-001?')).toContain('It is open.')
    expect(model.bodies.slice(before).join()).not.toContain('carts fail')
  })

  test('when the model is down, plain words get an honest answer, and verbs and buttons go on', async () => {
    model.respond = () => ({ status: 503 })
    expect(await tell('UVIC', 'please write a poem about the outage')).toMatch(
      /I read commands only right now \(the model does not answer\)/,
    )
    expect(await tell('UVIC', 'what is open?')).toContain('INC-001  Checkout is down')
    expect(await ask('UIDA', 'ack INC-001')).toContain('INC-001 acknowledged by Ida Torres')
  })
})
