import type { Agent } from '../agent/agent.ts'
import type { Db } from '../db/pool.ts'
import type { Logger } from '../log.ts'
import type { AnyOperation } from '../operations/define.ts'
import type { PlatformName } from '../ports/platform.ts'
import type { Adapter } from './chat.ts'

/** What the chat works with; made once by the composition root. */
export type ChatContext = {
  db: Db
  registry: readonly AnyOperation[]
  adapters: Map<PlatformName, Adapter>
  agent: Agent
  log: Logger
  adminEmails: string[]
  /** The command that usage hints show, for example `/incident`. */
  command: (platform: PlatformName) => string
  /** Counts what was performed and what came of it. */
  performed: (operation: string, outcome: string) => void
  /** Called after a commit that enqueued deliveries. */
  wakeDelivery: () => void
}

/** What goes before a verb where this is read: nothing in one's own conversation, where the verb is enough. */
export const commandIn = (
  context: Pick<ChatContext, 'command'>,
  { direct, workspace }: { direct: boolean; workspace: { platform: PlatformName } },
): string => (direct ? '' : context.command(workspace.platform))
