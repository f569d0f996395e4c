import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Conditional,
  canBothFit,
  choose,
  compare,
  conditionKeys,
  fits,
  isTie,
} from '../../src/core/policies/match.ts'
import { tieSentence } from '../../src/core/policies/save.ts'

const priority = fc.constantFrom('P1' as const, 'P2' as const, 'P3' as const)
const team = fc.constantFrom('payments', 'platform')
const category = fc.constantFrom('Database', 'Network')
const department = fc.constantFrom('IT', 'OPS')
const service = fc.constantFrom('api', 'ledger')
const conditions = fc.record(
  { priority, teamId: team, category, department, serviceId: service },
  { requiredKeys: [] },
)
/** Names differ, as those of stored policies do. */
const policies = fc
  .array(conditions, { maxLength: 12 })
  .map((list) => list.map((each, index): Conditional => ({ name: `policy ${index}`, conditions: each })))
const incident = fc.record({
  id: fc.constant('i'),
  priority: fc.constantFrom('P1' as const, 'P2' as const, 'P3' as const, 'P4' as const),
  team_id: fc.option(team),
  category: fc.option(category),
  department: fc.option(department),
})
const services = fc.subarray(['api', 'ledger'])

/** As saving does: one that ties with one that is there is left out. */
function saved(all: Conditional[]): Conditional[] {
  const kept: Conditional[] = []
  for (const one of all) if (!kept.some((other) => isTie(one, other))) kept.push(one)
  return kept
}

describe('for every set of policies and every incident', () => {
  test('the order in which they are saved does not matter', () => {
    fc.assert(
      fc.property(policies, incident, services, fc.infiniteStream(fc.nat()), (all, one, affected, random) => {
        const shuffled = all
          .map((policy) => ({ policy, at: random.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ policy }) => policy)
        expect(choose(shuffled, one, affected)).toBe(choose(all, one, affected))
      }),
    )
  })

  test('the one that is taken fits, and there is one whenever any fits', () => {
    fc.assert(
      fc.property(policies, incident, services, (all, one, affected) => {
        const chosen = choose(all, one, affected)
        const fitting = all.filter((policy) => fits(policy, one, affected))
        expect(!chosen).toBe(fitting.length === 0)
        if (chosen) expect(fitting).toContain(chosen)
      }),
    )
  })

  test('what could be saved has exactly one winner, but for two services of one incident', () => {
    fc.assert(
      fc.property(policies, incident, services, (all, one, affected) => {
        const fitting = saved(all).filter((policy) => fits(policy, one, affected))
        const most = Math.max(...fitting.map((policy) => conditionKeys(policy).length))
        const best = fitting
          .filter((policy) => conditionKeys(policy).length === most)
          .filter((policy, _, rest) =>
            rest.every(
              (other) => (policy.conditions.priority ?? 'P9') <= (other.conditions.priority ?? 'P9'),
            ),
          )
        if (!fitting.length) return
        const withoutService = best.map(({ conditions: { serviceId: _, ...rest } }) => JSON.stringify(rest))
        expect(new Set(withoutService).size).toBe(1)
        expect(new Set(best.map((policy) => policy.conditions.serviceId)).size).toBe(best.length)
        expect(choose(saved(all), one, affected)).toBe(best.sort(compare)[0])
      }),
      { numRuns: 1000 },
    )
  })

  test('two that fit one incident can both fit, and a tie is one both ways', () => {
    fc.assert(
      fc.property(policies, incident, services, (all, one, affected) => {
        for (const first of all) {
          for (const second of all) {
            expect(isTie(first, second)).toBe(isTie(second, first))
            if (fits(first, one, affected) && fits(second, one, affected)) {
              expect(canBothFit(first, second)).toBe(true)
            }
          }
        }
      }),
      { numRuns: 50 },
    )
  })
})

const policy = (name: string, given: Conditional['conditions']): Conditional => ({ name, conditions: given })

test('more conditions win, then the narrower priority', () => {
  const all = [
    policy('every', {}),
    policy('P2', { priority: 'P2' }),
    policy('P1', { priority: 'P1' }),
    policy('payments', { teamId: 'payments', category: 'Database' }),
  ]
  const one = { id: 'i', priority: 'P1' as const, team_id: 'payments', category: null, department: null }
  expect(choose(all, one, [])?.name).toBe('P1')
  expect(choose(all, { ...one, priority: 'P2' }, [])?.name).toBe('P2')
  expect(choose(all, { ...one, priority: 'P3' }, [])?.name).toBe('every')
  expect(choose(all, { ...one, category: 'Database' }, [])?.name).toBe('payments')
})

test('of two services of an incident the policy whose name sorts first is taken', () => {
  const [ledger, api] = [policy('Alpha', { serviceId: 'ledger' }), policy('beta', { serviceId: 'api' })]
  expect(isTie(ledger, api)).toBe(false)
  const one = { id: 'i', priority: 'P3' as const, team_id: null, category: null, department: null }
  expect(choose([api, ledger], one, ['api', 'ledger'])).toBe(ledger)
  expect(choose([api, ledger], one, ['api'])).toBe(api)
})

test('a tie is what nothing decides; different teams are none', () => {
  expect(isTie(policy('a', { teamId: 'payments' }), policy('b', { teamId: 'platform' }))).toBe(false)
  expect(isTie(policy('a', {}), policy('b', {}))).toBe(true)
  const [one, other] = [policy('a', { teamId: 'payments' }), policy('b', { priority: 'P2' })]
  expect(isTie(one, other)).toBe(true)
  expect(tieSentence(one, other)).toBe(
    'a and b would fit the same incidents, and neither is more specific. ' +
      "Add b's priority to a as well, or another condition to one of them.",
  )
})
