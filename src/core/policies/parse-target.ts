import type { PlatformName } from '../../ports/platform.ts'
import { platforms } from '../../ports/platform.ts'
import { ranks } from '../permissions.ts'
import { isWord, spoken, type Token } from './tokens.ts'
import type { WrittenTarget } from './written.ts'

/** What was wrong, as the end of a sentence that begins with where it stands. */
export type Wrong = { wrong: string }
export const isWrong = (read: object): read is Wrong => 'wrong' in read

/**
 * Reads `schedule NAME`, `RANK [in team]`, `team NAME`, `channel ID`, `webhook NAME`, `[person] NAME`. Several words
 * are one name.
 */
export function parseTarget(tokens: readonly Token[]): WrittenTarget | Wrong {
  const [first, ...rest] = tokens
  const name = rest.map(({ text }) => text).join(' ')
  for (const type of ['schedule', 'team', 'webhook', 'person'] as const) {
    if (!isWord(first, type)) continue
    return name ? { type, name } : { wrong: `names nothing after ${type}` }
  }
  if (isWord(first, 'channel')) return parseChannel(name)
  const rank = first?.kind === 'word' && ranks.find((each) => each === first.text.toLowerCase())
  if (rank) {
    const narrowed = /^in team$/i.test(name)
    if (name && !narrowed) return { wrong: `has ${spoken(tokens)}: a rank is narrowed by "in team" only` }
    return { type: 'rank', rank, inTeam: narrowed }
  }
  return { type: 'person', name: tokens.map(({ text }) => text).join(' ') }
}

/** `C0123456789`, `slack:C0123456789`, or the mention that Slack makes of it. */
function parseChannel(text: string): WrittenTarget | Wrong {
  const mentioned = /^<#([^|>]+)(\|[^>]*)?>$/.exec(text)?.[1]
  const [, named, rest] = new RegExp(`^(${platforms.join('|')}):(.+)$`).exec(text) ?? []
  const channel = (mentioned ?? rest ?? text).replace(/^#/, '')
  if (!/^[^#\s]\S*$/.test(channel)) {
    return { wrong: `has ${text ? `the channel ${text}` : 'no channel'}: give its id, such as C0123456789` }
  }
  const platform = (named as PlatformName | undefined) ?? platformOf(channel)
  return { type: 'channel', platform, channel }
}

/** Ids say whose they are: Slack's are capitals and digits, a conversation's in Teams begins with 19: or a:. */
export const platformOf = (channel: string): PlatformName => {
  if (/^[CGD][A-Z0-9]+$/.test(channel)) return 'slack'
  return /^(19|a):/.test(channel) ? 'teams' : 'console'
}
