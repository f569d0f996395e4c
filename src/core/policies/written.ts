/**
 * A policy as people write it, with names in the place of ids: what the verb, the dialog and the configuration file
 * are read into, and what is shown of a stored one.
 */
import type { Priority } from '../../db/schema.ts'
import type { PlatformName } from '../../ports/platform.ts'
import type { Rank } from '../permissions.ts'

export type WrittenTarget =
  /** A name, an e-mail address or a mention. */
  | { type: 'person'; name: string }
  | { type: 'schedule'; name: string }
  | { type: 'rank'; rank: Rank; inTeam: boolean }
  | { type: 'team'; name: string }
  | { type: 'channel'; platform: PlatformName; channel: string }
  | { type: 'webhook'; name: string }

export type WrittenAssignee = Extract<WrittenTarget, { type: 'person' | 'schedule' }>

export type WrittenAction =
  | { type: 'raise_priority'; to: Priority }
  | { type: 'assign'; to: WrittenAssignee }
  | { type: 'open_channel' }

export type WrittenStep = { afterSeconds: number; notify: WrittenTarget[]; actions: WrittenAction[] }

export type WrittenConditions = {
  priority?: Priority
  team?: string
  category?: string
  department?: string
  service?: string
}

export type WrittenPolicy = {
  name: string
  when: WrittenConditions
  steps: WrittenStep[]
  repeats: number
  nobody?: WrittenTarget
  acknowledgedForSeconds?: number
}
