import { describe, expect, test } from 'vitest'
import { plan } from '../../src/agent/planner/plan.ts'
import { utterances } from '../utterances.ts'

describe('the model-free planner', () => {
  test.each(utterances)('$text', ({ text, call }) => {
    expect(plan(text)).toEqual(call)
  })
})
