import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readDuration, writeDuration } from '../../src/core/duration.ts'
import { ranks } from '../../src/core/permissions.ts'
import { parseSave } from '../../src/core/policies/parse-save.ts'
import { parseOneTarget, parseSteps } from '../../src/core/policies/parse-steps.ts'
import {
  conditionWords,
  printPolicy,
  printStep,
  printSteps,
  printTarget,
} from '../../src/core/policies/print-steps.ts'
import type { WrittenPolicy, WrittenStep, WrittenTarget } from '../../src/core/policies/written.ts'

const words = fc.constantFrom(
  ...['payments', 'on', 'call', 'in', 'team', 'do', 'cto', 'steps', 'nobody', 'repeat', 'when', 'for', 'P1'],
  ...[
    'Ida',
    'Torres',
    'ida@example.com',
    '5m',
    'priority',
    'assign',
    '“Ida”',
    '<@U1>',
    'a=b',
    '"',
    'Ünal',
    '#x',
  ],
)
/** Names as the program keeps them: in one line, without white space at the ends. */
const name = fc.oneof(
  fc.array(words, { minLength: 1, maxLength: 3 }).map((list) => list.join(' ')),
  fc
    .string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
    .map((text) => text.replaceAll(/\s+/g, ' ').trim())
    .filter(Boolean),
)
const channel = fc.oneof(
  fc.constantFrom('C0123456789', '19:abc@thread.tacv2', 'incidents', 'slack:odd', '19:a;messageid=1'),
  fc.stringMatching(/^[A-Za-z0-9:@._;,"-]{1,20}$/),
)
const person = fc.record({ type: fc.constant('person' as const), name })
const schedule = fc.record({ type: fc.constant('schedule' as const), name })
const target: fc.Arbitrary<WrittenTarget> = fc.oneof(
  person,
  schedule,
  fc.record({ type: fc.constant('team' as const), name }),
  fc.record({ type: fc.constant('webhook' as const), name }),
  fc.record({ type: fc.constant('rank' as const), rank: fc.constantFrom(...ranks), inTeam: fc.boolean() }),
  fc.record({
    type: fc.constant('channel' as const),
    platform: fc.constantFrom('slack' as const, 'teams' as const, 'console' as const),
    channel,
  }),
)
const priority = fc.constantFrom('P1' as const, 'P2' as const, 'P3' as const, 'P4' as const, 'P5' as const)
const seconds = fc.oneof(
  fc.integer({ min: 0, max: 366 * 86_400 }),
  fc.integer({ min: 0, max: 500 }).map((minutes) => minutes * 60),
)
const action: fc.Arbitrary<WrittenStep['actions'][number]> = fc.oneof(
  fc.record({ type: fc.constant('raise_priority' as const), to: priority }),
  fc.record({ type: fc.constant('assign' as const), to: fc.oneof(person, schedule) }),
  fc.record({ type: fc.constant('open_channel' as const) }),
)
const step: fc.Arbitrary<WrittenStep> = fc
  .record({
    afterSeconds: seconds,
    notify: fc.array(target, { maxLength: 4 }),
    actions: fc.array(action, { maxLength: 2 }),
  })
  .filter(({ notify, actions }) => notify.length + actions.length > 0)
const steps = fc.array(step, { minLength: 1, maxLength: 4 })

describe('what is shown of a policy can be typed as it stands', () => {
  test('a duration is read as it was written', () => {
    fc.assert(fc.property(seconds, (total) => readDuration(writeDuration(total)) === total))
  })

  test('steps, in the dialog and in the verb', () => {
    fc.assert(
      fc.property(steps, (written) => {
        expect(parseSteps(printSteps(written))).toEqual(written)
        expect(parseSteps(written.map(printStep).join('; '))).toEqual(written)
      }),
      { numRuns: 500 },
    )
  })

  test('a single target', () => {
    fc.assert(
      fc.property(target, (one) => {
        expect(parseOneTarget(printTarget(one), 'nobody')).toEqual(one)
      }),
    )
  })

  test('a whole policy, as the line that saves it', () => {
    const policy: fc.Arbitrary<WrittenPolicy> = fc.record(
      {
        name,
        when: fc.record(
          { priority, team: name, category: name, department: name, service: name },
          { requiredKeys: [] },
        ),
        steps,
        repeats: fc.integer({ min: 0, max: 100 }),
        nobody: target,
        acknowledgedForSeconds: seconds.filter((total) => total > 0),
      },
      { requiredKeys: ['name', 'when', 'steps', 'repeats'] },
    )
    fc.assert(
      fc.property(policy, (written) => {
        const line = printPolicy(written).replace(/^policies save /, '')
        const input = parseSave(line)
        expect(input).toEqual({
          name: written.name,
          ...written.when,
          steps: expect.any(String),
          ...(written.repeats && { repeats: String(written.repeats) }),
          ...(written.nobody && { nobody: expect.any(String) }),
          ...(written.acknowledgedForSeconds && {
            acknowledged_for: writeDuration(written.acknowledgedForSeconds),
          }),
        })
        expect(parseSteps(String(input!.steps))).toEqual(written.steps)
        if (written.nobody) expect(parseOneTarget(String(input!.nobody), 'nobody')).toEqual(written.nobody)
      }),
      { numRuns: 500 },
    )
  })
})

test('steps read as people write them', () => {
  const text = `0s schedule payments-primary;
    5m team_lead in team, ida@example.com
    5m CTO, team "on call", channel #C0123, webhook audit-lake, Ida Torres do priority p1, assign schedule x`
  expect(parseSteps(text)).toEqual([
    { afterSeconds: 0, notify: [{ type: 'schedule', name: 'payments-primary' }], actions: [] },
    {
      afterSeconds: 300,
      notify: [
        { type: 'rank', rank: 'team_lead', inTeam: true },
        { type: 'person', name: 'ida@example.com' },
      ],
      actions: [],
    },
    {
      afterSeconds: 300,
      notify: [
        { type: 'rank', rank: 'cto', inTeam: false },
        { type: 'team', name: 'on call' },
        { type: 'channel', platform: 'slack', channel: 'C0123' },
        { type: 'webhook', name: 'audit-lake' },
        { type: 'person', name: 'Ida Torres' },
      ],
      actions: [
        { type: 'raise_priority', to: 'P1' },
        { type: 'assign', to: { type: 'schedule', name: 'x' } },
      ],
    },
  ])
  expect(parseSteps('0s <@U1|ida>, channel <#C1|general>')[0]!.notify).toEqual([
    { type: 'person', name: '<@U1|ida>' },
    { type: 'channel', platform: 'slack', channel: 'C1' },
  ])
})

test.each([
  ['', 'There is no step.'],
  ['cto', 'Step 1 does not begin with its delay (45s, 5m, 2h, 1d, at most 366d): cto.'],
  ['0s cto; 5 minutes cto', 'Step 2 does not begin with its delay'],
  ['400d cto', 'at most 366d'],
  ['0s', 'Step 1 tells nobody.'],
  ['0s cto; 5m schedule', 'Step 2 names nothing after schedule.'],
  ['0s team_lead in payments', 'Step 1 has team_lead in payments: a rank is narrowed by "in team" only.'],
  ['0s channel', 'Step 1 has no channel: give its id, such as C0123456789.'],
  ['0s channel the incidents', 'Step 1 has the channel the incidents: give its id'],
  ['0s cto do', 'Step 1 says do and not what.'],
  ['0s cto do priority P7', 'Step 1 cannot do priority P7: it is priority P1 to P5.'],
  ['0s cto do assign cto', 'Step 1 cannot do assign cto: an incident is assigned to a person or a schedule.'],
  ['0s cto do open channel C1', 'Step 1 cannot do open channel C1: it may do priority P1, assign PERSON,'],
  [
    '0s cto do dance',
    'Step 1 cannot do dance: it may do priority P1, assign PERSON, assign schedule NAME or open channel.',
  ],
])('the steps "%s" are refused: %s', (text, sentence) => {
  const example = 'Write a step such as: 5m team_lead in team, ida@example.com do priority P1'
  const problem = (() => {
    try {
      return parseSteps(text)
    } catch (error) {
      return (error as Error).message
    }
  })()
  expect(problem).toContain(sentence)
  expect(problem).toContain(example)
})

test('conditions in words', () => {
  expect(conditionWords({})).toBe('every incident')
  expect(conditionWords({ priority: 'P1' })).toBe('P1')
  expect(conditionWords({ priority: 'P2', team: 'payments', service: 'api' })).toBe(
    'P2 and above · team payments · service api',
  )
})
