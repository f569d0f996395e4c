/** What an example of an operation says: how it is asked for, what it takes, and how one sees that it took effect. */
import type { Member } from './cast.ts'
import type { Standing } from './matrix.ts'
import type { State } from './observed.ts'
import type { Setting, Slot, Status } from './slots.ts'

/** The person's rights: in this case's place, or (with a standing) elsewhere. */
export type May = (permission: string, on?: Pick<Standing, 'relation' | 'team'>) => boolean

/** The first permission of the list that is lacking. */
export const lacking =
  (...permissions: string[]) =>
  (may: May): string | undefined =>
    permissions.find((permission) => !may(permission))

export type Example = {
  /** What sets it apart from the operation's other examples. */
  as?: string
  /** The permission that is missing, from the design's tables; undefined where it is allowed. */
  missing: (may: May, on: Standing) => string | undefined
  /** Whoever lacks it is told that there is no such thing, not that it is forbidden. */
  hidden?: boolean
  /** What a private incident cannot do at all is asked of public ones alone. */
  public?: boolean
  /** As it is typed; none where the operation has no verb. */
  command?: (slot: Slot) => string
  /** As a button, a dialog or a tool call gives it. */
  input: (slot: Slot) => Record<string, unknown>
  given?: Pick<Setting, 'strangeInto' | 'follows' | 'target'> & { status?: Status }
  /** A write: whether the database shows its effect. */
  did?: (after: State, me: string, slot: Slot) => boolean
  /** A read: what its answer must hold. */
  shows?: (slot: Slot, who: Member) => RegExp
  /** What of the answer only those with the permission may find in it. */
  sees?: Record<string, RegExp>
  /** The operations that the audit log names when it was done; the operation itself unless said. */
  audits?: string[] | ((on: Standing) => string[])
}

export const nothing = () => undefined
