import { describe, expect, test } from 'vitest'
import { plan } from '../../src/agent/planner/plan.ts'
import { createPlanner } from '../../src/agent/planner.ts'
import { parseInput } from '../../src/operations/perform.ts'
import { registry } from '../../src/operations/registry.ts'
import { utterances } from '../utterances.ts'

describe('the model-free planner', () => {
  test.each(utterances)('$text', ({ text, call }) => {
    expect(plan(text)).toEqual(call)
  })

  test.each(utterances.filter(({ call }) => call))('the tool takes what is made of: $text', ({ call }) => {
    const operation = registry.find(({ name }) => name === call!.tool)
    const incident = operation?.subject === 'incident' ? { incident: 'INC-001' } : {}
    expect(() => parseInput(operation!, { ...incident, ...call!.input })).not.toThrow()
  })

  test('long and odd text is read in no time', () => {
    const began = performance.now()
    for (const odd of [
      'and ',
      ', and',
      'p1 ',
      'a b c ',
      '<@U1> ',
      'to ',
      'on inc-1 ',
      'the ',
      ': ',
      "'",
      '. ? ! ',
    ]) {
      for (const start of [
        '',
        'add ',
        'assign INC-001 to ',
        'set priority of ',
        'list incidents for ',
        'who ',
      ]) {
        plan(start + odd.repeat(2_000 / odd.length))
      }
    }
    plan('x'.repeat(100_000))
    expect(performance.now() - began).toBeLessThan(2_000)
  })

  test('says what it is and what this person can do', async () => {
    const answer = (tools: string[]) =>
      createPlanner('no model is connected').respond(
        {
          instructions: '',
          items: [{ type: 'user', text: 'the weather is nice', author: 'Ida' }],
          tools: tools.map((name) => ({ name, description: '', parameters: {} })),
          maxOutputTokens: 1,
          user: '',
        },
        () => undefined,
        new AbortController().signal,
      )
    expect((await answer(['update_priority', 'list_incidents'])).text).toBe(
      'I read commands only right now (no model is connected). Try: priority INC-001 P1 · list open · help',
    )
    expect((await answer(['view_incident_details'])).text).toMatch(/Try: show INC-001 · help$/)
  })
})
