import type { OrgTx } from '../../db/pool.ts'
import type { Priority } from '../../db/schema.ts'
import type { PersonRef } from '../actor.ts'
import { advanced, beginning } from '../escalation/progress.ts'
import { type Reach, reachesOf, type Urgency } from '../preferences/reach.ts'
import type { Matched } from './match.ts'
import { peopleOf } from './people-of.ts'
import type { Policy, Step, Target } from './policy.ts'

/** A way to somebody; `putOff`: their quiet hours are the reason why it waits. */
export type Way = Pick<Reach, 'carrier' | 'afterSeconds'> & { putOff: boolean }
export type Told = {
  target: Target
  /** In a private incident channels and webhooks are told nothing. */
  silent: boolean
  people: (PersonRef & { ways: Way[] })[]
}
export type Rehearsed = { step: Step; at: Date; priority: Priority; told: Told[] }

export type Rehearsal = {
  /** The steps of the first round. */
  steps: Rehearsed[]
  /** When each further round begins. */
  rounds: Date[]
  /** When the last one is over. */
  end: Date
  /** Who or what hears that nobody answered. */
  nobody?: Told
}

/**
 * What a policy would do for an incident from now on if nobody acknowledged: everybody whom it reaches as things stand
 * now. It counts as the engine does, a step that reaches nobody included: the next one does not wait for it.
 */
export async function rehearse(
  scope: OrgTx,
  policy: Policy,
  incident: Matched & { private: boolean },
): Promise<Rehearsal> {
  const { now } = scope
  const all = [...policy.steps.flatMap(({ notify }) => notify), ...(policy.nobody ? [policy.nobody] : [])]
  const people = await peopleOf(scope.tx, scope.orgId, all, { teamId: incident.team_id, at: now })
  const ids = [...new Set(people.flatMap((each) => each.people.map(({ id }) => id)))]
  const ways = await waysOf(scope, ids, incident.private)
  const queue = people.values()
  const tell = (target: Target, priority: Priority): Told => ({
    target,
    silent: incident.private && (target.type === 'channel' || target.type === 'webhook'),
    people: queue.next().value!.people.map((person) => ({ ...person, ways: ways(person.id, priority) })),
  })
  const steps: Rehearsed[] = []
  const rounds: Date[] = []
  let { priority } = incident
  let progress = beginning(policy, now)
  for (const step of policy.steps) {
    for (const action of step.actions) {
      if (action.type === 'raise_priority' && action.to < priority) priority = action.to
    }
    const told = step.notify.map((target) => tell(target, priority))
    steps.push({ step, at: progress.dueAt, priority, told })
    progress = advanced(policy, progress, told.some(isReached))
  }
  const reached = steps.map(({ told }) => told.some(isReached))
  while (progress.step < policy.steps.length) {
    if (progress.step === 0) rounds.push(progress.dueAt)
    progress = advanced(policy, progress, reached[progress.step]!)
  }
  const nobody = policy.nobody && { nobody: tell(policy.nobody, priority) }
  return { steps, rounds, end: progress.dueAt, ...nobody }
}

/** Somebody has a way, or a place is told. */
export const isReached = ({ target, silent, people }: Told): boolean =>
  target.type === 'channel' || target.type === 'webhook'
    ? !silent
    : people.some(({ ways }) => ways.length > 0)

/** Pages about P1 and P2 are urgent; about a P1 quiet hours do not count. */
async function waysOf(scope: OrgTx, ids: string[], personal: boolean) {
  const found = new Map<string, { real: Map<string, Reach[]>; waking: Map<string, Reach[]> }>()
  for (const urgency of ['high', 'low'] satisfies Urgency[]) {
    found.set(urgency, {
      real: await reachesOf(scope, ids, urgency, { personal }),
      waking: await reachesOf(scope, ids, urgency, { always: true, personal }),
    })
  }
  return (id: string, priority: Priority): Way[] => {
    const { real, waking } = found.get(priority <= 'P2' ? 'high' : 'low')!
    const always = waking.get(id) ?? []
    if (priority === 'P1') return always.map((reach) => wayOf(reach, false))
    return (real.get(id) ?? []).map((reach, index) =>
      wayOf(reach, reach.afterSeconds > (always[index]?.afterSeconds ?? reach.afterSeconds)),
    )
  }
}

const wayOf = ({ carrier, afterSeconds }: Reach, putOff: boolean): Way => ({ carrier, afterSeconds, putOff })
