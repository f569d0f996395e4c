import { writeDuration } from '../../core/duration.ts'
import { printStep, printTarget } from '../../core/policies/print-steps.ts'
import type { WrittenPolicy } from '../../core/policies/written.ts'

/** A policy below its name: a line a step, then what happens when nobody answers. */
export function policyLines({ steps, repeats, nobody, acknowledgedForSeconds }: WrittenPolicy): string[] {
  const rounds = repeats === 1 ? 'once more' : `${repeats} more times`
  return [
    ...steps.map((step, index) => `${index + 1}. ${printStep(step)}`),
    ...(repeats ? [`Then all of it ${rounds}`] : []),
    ...(nobody ? [`When nobody answered: ${printTarget(nobody)}`] : []),
    ...(acknowledgedForSeconds
      ? [`Again when nothing happens for ${writeDuration(acknowledgedForSeconds)} after the acknowledgement`]
      : []),
  ]
}
