/** Who asks, from the verified payload, looked up once a request and frozen for it. */
import type { PlatformName, WorkspaceRef } from '../ports/platform.ts'

export type Surface = PlatformName | 'email' | 'sms' | 'agent' | 'timer' | 'command_line'

export type ActorPlace = {
  workspace: WorkspaceRef
  channel: string
  thread?: string
  /** Their own conversation with the bot: nobody else reads it. */
  direct: boolean
  /** The channel is shared with another organisation. */
  sharedOutside: boolean
}

export type Actor = {
  readonly orgId: string
  readonly personId: string
  readonly name: string
  readonly surface: Surface
  readonly place?: ActorPlace
}

export type PersonRef = { id: string; name: string }
