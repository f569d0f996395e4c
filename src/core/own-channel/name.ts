/** As long as Slack lets a channel's name be (docs.slack.dev/reference/methods/conversations.create). */
const most = 80

/**
 * `inc-001-checkout-is-down`: the key and the words of the title, of a to z, digits and hyphens alone, cut between
 * words where that is possible. A title that leaves nothing of these is left out.
 */
export function channelName({ key, title }: { key: string; title: string }): string {
  const words = title
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/['’]/g, '')
    .split(/[^a-z0-9]+/)
    .filter(Boolean)
  let name = key.toLowerCase()
  for (const word of words) {
    if (name.length + 1 + word.length > most) {
      // One word that alone is too long is better than none.
      return name === key.toLowerCase() ? `${name}-${word}`.slice(0, most) : name
    }
    name += `-${word}`
  }
  return name
}
