/**
 * How an escalation moves on: pure functions of a policy and of how far it has come. The source of the rules is
 * contract.md ("What these mean exactly"): a delay counts from when the step before was due, not from when it was
 * taken, so that lateness never adds up.
 */
import { leastSecondsBetweenRounds, type Policy } from '../policies/policy.ts'

/** `step` steps of round `round` (from 1) are taken; what comes next is due at `dueAt`. */
export type Progress = { round: number; step: number; dueAt: Date }

export const beginning = (policy: Policy, now: Date): Progress => ({
  round: 1,
  step: 0,
  dueAt: later(now, policy.steps[0]!.afterSeconds),
})

/** What is due next: a step, by its index, or the end, at which nobody has answered. */
export const nextOf = (policy: Policy, { step }: Progress): number | 'end' =>
  step < policy.steps.length ? step : 'end'

/**
 * Where it stands once the due step is taken.
 * @param reached false when the step paged nobody: then the next step of the round does not wait for an answer that
 * cannot come.
 */
export function advanced(policy: Policy, progress: Progress, reached = true): Progress {
  const { round, step, dueAt } = progress
  const following = policy.steps[step + 1]
  if (following) {
    return { round, step: step + 1, dueAt: reached ? later(dueAt, following.afterSeconds) : dueAt }
  }
  // After the last step its own delay passes before the next round, or before the end.
  const over = later(dueAt, policy.steps[step]!.afterSeconds || leastSecondsBetweenRounds)
  if (round > policy.repeats) return { round, step: step + 1, dueAt: over }
  return { round: round + 1, step: 0, dueAt: later(over, policy.steps[0]!.afterSeconds) }
}

/** Every step still to come with its instant, the end last: for showing who would be told when. */
export function timetable(
  policy: Policy,
  from: Progress,
): { round: number; step: number | 'end'; at: Date }[] {
  const rows: { round: number; step: number | 'end'; at: Date }[] = []
  for (let progress = from; ; progress = advanced(policy, progress)) {
    const next = nextOf(policy, progress)
    rows.push({ round: progress.round, step: next, at: progress.dueAt })
    if (next === 'end') return rows
  }
}

const later = (from: Date, seconds: number): Date => new Date(from.getTime() + seconds * 1000)
