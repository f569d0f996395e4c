/**
 * Slack's markup as the words that were typed. docs.slack.dev/messaging/formatting-message-text: what stands between
 * `<` and `>` is Slack's own, everything of the person's is escaped. Mentions of users stay, as `<@U…>`.
 */
const unescaped = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')

const token = /<([^<>\n]+)>/g

const words = (inner: string): string => {
  const bar = inner.indexOf('|')
  const target = bar < 0 ? inner : inner.slice(0, bar)
  const label = bar < 0 ? '' : inner.slice(bar + 1)
  if (target.startsWith('@')) return `<${target}>`
  if (target.startsWith('#')) return label ? `#${label}` : target
  if (target.startsWith('!')) return label || `@${target.slice(1).split('^')[0]}`
  const address = target.replace(/^mailto:|^tel:/, '')
  // Slack makes `example.com` into <http://example.com|example.com>: then the label is what was typed.
  if (!label || label === address || address.replace(/^https?:\/\//, '') === label) return label || address
  return `${label} (${address})`
}

export const messageText = (text: string): string =>
  unescaped(text.replace(token, (_, inner) => words(inner)))

/** Without the mentions of the bot that lead it: they only say whom it is for. */
export const addressedText = (text: string, bot: string | undefined): string => {
  let rest = text.trim()
  for (;;) {
    const lead = /^<@([A-Z0-9]+)(?:\|[^>]*)?>[\s,:]*/.exec(rest)
    if (!lead || (bot !== undefined && lead[1] !== bot)) break
    rest = rest.slice(lead[0].length)
    if (bot === undefined) break
  }
  return messageText(rest).trim()
}
