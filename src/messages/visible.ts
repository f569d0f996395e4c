import { type Label, mayRead, missing, type Reader, union } from '../core/labels.ts'
import type { Outcome } from '../core/outcome.ts'
import type { Permission } from '../core/permissions.ts'

/** An outcome as one reader may see it, and the permissions of what was left out. */
export function visible(outcome: Outcome, reader: Reader): { outcome: Outcome; withheld: Permission[] } {
  const parts = outcome.parts.filter((part) => mayRead(reader, part.label))
  const dropped = outcome.parts.filter((part) => !parts.includes(part))
  return {
    outcome: { ...outcome, parts },
    withheld: [...new Set(dropped.flatMap((part) => missing(reader, part.label)))],
  }
}

export const labelOf = (outcome: Outcome): Label => union(...outcome.parts.map((part) => part.label))
