// Every repetition is bounded: the text may be anything, and long.
const replacements: [RegExp, string | ((...groups: string[]) => string)][] = [
  // Markdown: images, links, a reference's definition ("[1]: https://…").
  [/!\[([^\]]{0,1000})\]\([^)]{0,1000}\)/g, '$1'],
  [/!?\[([^\]]{0,1000})\](?:\([^)]{0,1000}\)|\[[^\]]{0,1000}\])/g, '$1'],
  [/^[ \t]*\[[^\]\n]{1,200}\]:[ \t]*\S.*$/gm, ''],
  // HTML, and Teams' mentions.
  [/<\/?(?:at|a|img|mention)\b[^>]{0,1000}>/gi, ''],
  // Slack's own forms: <@U1>, <#C1|name>, <!channel>, <https://…|text>.
  [/<[@#!]([^>|]{0,1000})(?:\|([^>]{0,1000}))?>/g, (_, id, name) => name ?? id ?? ''],
  // What such a form leaves open, when one stood in another.
  [/<(?=[@#!])/g, ''],
  [/<[a-z][a-z0-9+.-]{0,30}:[^>|]{0,1000}(?:\|([^>]{0,1000}))?>/gi, (_, name) => name ?? '(link removed)'],
  [
    /(?:\b[a-z][a-z0-9+.-]{0,30}:\/\/|\bwww\.|\bmailto:|\bjavascript:|\bdata:[a-z]+\/)[^\s<>"')\]]*/gi,
    '(link removed)',
  ],
  [/@(?=(?:channel|here|everyone|all)\b)/gi, ''],
  [/(^|[^\p{L}\p{N}.])@(?=[\p{L}\p{N}])/gu, '$1'],
]

/**
 * What a model says is plain words: links, images and mentions come from code alone (safety rule 10). Emphasis and
 * code marks stay as they are; the renderers escape them. Taking one thing out may put another together, so it goes
 * on until nothing changes.
 */
export function plainWords(text: string): string {
  let words = text
  for (let round = 0; round < 5; round++) {
    const before = words
    for (const [pattern, to] of replacements) words = words.replaceAll(pattern, to as string)
    if (words === before) break
  }
  return words
}

/** Passes text on as it grows, as plain words, holding back what might still become a link or a mention. */
export function plainStream(onText: (text: string) => void): { append(text: string): void; end(): void } {
  let held = ''
  const emit = (text: string) => {
    const words = plainWords(text)
    if (words) onText(words)
  }
  return {
    append(text) {
      held += text
      const cut = safeCut(held)
      if (cut > 0) emit(held.slice(0, cut))
      held = held.slice(cut)
    },
    end() {
      emit(held)
      held = ''
    },
  }
}

/** A bracket that stays open this long is no link. */
const longestLink = 600

/** Up to the last space that is outside any bracket. */
function safeCut(text: string): number {
  // Text without a space must not pile up.
  if (text.length > 4 * longestLink) return text.length
  const open = Math.min(openAt(text, '['), openAt(text, '<'))
  const limit = text.length - open > longestLink ? text.length : open
  return Math.max(text.lastIndexOf(' ', limit - 1), text.lastIndexOf('\n', limit - 1)) + 1
}

/** Where the first bracket stands that has not closed, its `(…)` included; the end when there is none. */
function openAt(text: string, mark: '[' | '<'): number {
  const rest = mark === '<' ? /<[^>]*$/ : /\[(?:[^\]]*|[^\]]*\](?:\([^)]*|\[[^\]]*)?)$/
  const at = text.search(rest)
  return at < 0 ? text.length : at
}
