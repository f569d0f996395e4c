/**
 * What a model says is plain words: links, images and mentions come from code alone (safety rule 10). Emphasis and
 * code marks stay as they are; the renderers escape them.
 */
export function plainWords(text: string): string {
  return (
    text
      .replaceAll(/!\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replaceAll(/!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])/g, '$1')
      // A reference's definition: [1]: https://…
      .replaceAll(/^\s*\[[^\]]+\]:\s*\S+.*$/gm, '')
      .replaceAll(/<(?:at|a|img|mention)\b[^>]*>/gi, '')
      .replaceAll(/<\/(?:at|a|img|mention)>/gi, '')
      // Slack's own forms: <@U1>, <#C1|name>, <!channel>, <https://…|text>.
      .replaceAll(/<[@#!]([^>|]*)(?:\|([^>]*))?>/g, (_, id: string, name?: string) => name ?? id)
      .replaceAll(
        /<[a-z][a-z0-9+.-]*:[^>|]*(?:\|([^>]*))?>/gi,
        (_, name?: string) => name ?? '(link removed)',
      )
      .replaceAll(
        /\b(?:[a-z][a-z0-9+.-]*:\/\/|www\.|mailto:|javascript:|data:[a-z]+\/)[^\s<>"')\]]*/gi,
        '(link removed)',
      )
      .replaceAll(/(^|[^\p{L}\p{N}.])@(?=[\p{L}\p{N}])/gu, '$1')
  )
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

/** Up to the last space that is outside any bracket; a bracket that stays open this long is no link. */
const longestLink = 600

function safeCut(text: string): number {
  const open = Math.min(...['[', '<', '!['].map((mark) => indexOrEnd(text, openAt(text, mark))))
  const limit = text.length - open > longestLink ? text.length : open
  const space = Math.max(text.lastIndexOf(' ', limit - 1), text.lastIndexOf('\n', limit - 1))
  return space + 1
}

const indexOrEnd = (text: string, index: number) => (index < 0 ? text.length : index)

/** Where a bracket began that has not closed, its `(…)` included; -1 when there is none. */
function openAt(text: string, mark: string): number {
  const at = text.lastIndexOf(mark)
  if (at < 0) return -1
  const rest = text.slice(at + mark.length)
  const closed = mark === '<' ? rest.includes('>') : /\](?:[^([]|\([^)]*\)|\[[^\]]*\])/.test(rest)
  return closed ? -1 : at
}
