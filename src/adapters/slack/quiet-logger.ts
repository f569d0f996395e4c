import { LogLevel, type Logger as SlackLogger } from '@slack/bolt'
import type { Logger } from '../../log.ts'

/** Slack's packages write payloads and tokens at their lower levels: only their warnings and errors are kept. */
export const quietLogger = (log: Logger): SlackLogger => {
  const words = (parts: unknown[]): string =>
    parts
      .map((part) => (part instanceof Error ? `${part.name}: ${part.message}` : String(part)))
      .join(' ')
      .replaceAll(/xox[a-z]-[\w-]+|xapp-[\w-]+/g, '[redacted]')
      .replaceAll(/(?:https?|wss?):\/\/\S+/g, '[address]')
      .slice(0, 500)
  return {
    debug() {},
    info() {},
    warn: (...parts) => log.debug({ slack: words(parts) }, 'From the Slack package'),
    error: (...parts) => log.warn({ slack: words(parts) }, 'From the Slack package'),
    setLevel() {},
    getLevel: () => LogLevel.ERROR,
    setName() {},
  }
}
