import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { advanced, beginning, nextOf, type Progress, timetable } from '../../src/core/escalation/progress.ts'
import { leastSecondsBetweenRounds, type Policy } from '../../src/core/policies/policy.ts'

const now = new Date('2026-03-02T12:00:00Z')
const policyOf = (delays: number[], repeats = 0): Policy => ({
  name: 'p',
  steps: delays.map((afterSeconds) => ({ afterSeconds, notify: [], actions: [] })),
  repeats,
})
const minutes = (at: Date) => (at.getTime() - now.getTime()) / 60_000

describe('a policy of 0, 5 and 5 minutes with one repeat', () => {
  const policy = policyOf([0, 300, 300], 1)
  test('is taken at these minutes, the last delay passing before the next round and before the end', () => {
    const rows = timetable(policy, beginning(policy, now))
    expect(rows.map(({ round, step, at }) => [round, step, minutes(at)])).toEqual([
      [1, 0, 0],
      [1, 1, 5],
      [1, 2, 10],
      [2, 0, 15],
      [2, 1, 20],
      [2, 2, 25],
      [2, 'end', 30],
    ])
  })
  test('goes on at once past a step that reached nobody', () => {
    const first = beginning(policy, now)
    expect(advanced(policy, first, false)).toEqual({ round: 1, step: 1, dueAt: now })
    expect(minutes(advanced(policy, { round: 1, step: 2, dueAt: now }, false).dueAt)).toBe(5)
  })
})

const policies = fc
  .record({
    delays: fc.array(fc.integer({ min: 0, max: 86_400 }), { minLength: 1, maxLength: 8 }),
    repeats: fc.integer({ min: 0, max: 5 }),
  })
  .map(({ delays, repeats }) => policyOf(delays, repeats))

describe('any policy', () => {
  test('takes each step of each round once and in order, and ends', () => {
    fc.assert(
      fc.property(policies, (policy) => {
        const rows = timetable(policy, beginning(policy, now))
        const expected = Array.from({ length: policy.repeats + 1 }, (_, round) =>
          policy.steps.map((_, step) => `${round + 1}.${step}`),
        ).flat()
        expect(rows.slice(0, -1).map(({ round, step }) => `${round}.${step}`)).toEqual(expected)
        expect(rows.at(-1)!.step).toBe('end')
      }),
    )
  })

  test('is due on time however late its steps are taken: lateness never adds up', () => {
    fc.assert(
      fc.property(policies, (policy) => {
        let progress: Progress = beginning(policy, now)
        let last = progress.dueAt.getTime()
        while (nextOf(policy, progress) !== 'end') {
          const step = progress.step
          progress = advanced(policy, progress)
          const own = policy.steps[step]!.afterSeconds || leastSecondsBetweenRounds
          const following = policy.steps[step + 1]
          const wanted = following
            ? following.afterSeconds
            : own + (progress.step === 0 ? policy.steps[0]!.afterSeconds : 0)
          expect(progress.dueAt.getTime() - last).toBe(wanted * 1000)
          last = progress.dueAt.getTime()
        }
      }),
    )
  })

  test('never pages anybody twice at one instant, round after round', () => {
    fc.assert(
      fc.property(policies, (policy) => {
        const rows = timetable(policy, beginning(policy, now))
        for (const row of rows) {
          const same = rows.filter(({ at, step }) => step === row.step && at.getTime() === row.at.getTime())
          expect(same).toHaveLength(1)
        }
      }),
    )
  })
})
