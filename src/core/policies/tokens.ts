/** The words of the language that policies are written in. */

/** `quoted`: never a word of the language, whatever it says. `mark`: what separates steps or targets. */
export type Token = { text: string; kind: 'word' | 'quoted' | 'mark' }

/** What it may not be taken for by itself is written in quotes: a name that is one of these words. */
export const reserved = [
  'when',
  'steps',
  'do',
  'repeat',
  'nobody',
  'acknowledged',
  'schedule',
  'team',
  'channel',
  'webhook',
  'person',
] as const
export type Reserved = (typeof reserved)[number]

const pattern = /"((?:[^"]|"")*)"|“([^“”]*)”|(<[@#][^<>\n]*>)|([;\n,])|((?:[^\s;,"“])+)/g

/** A quote that is not closed is a character like any other. */
export const tokensOf = (text: string): Token[] =>
  [...text.matchAll(new RegExp(`${pattern.source}|["“]`, 'g'))].map((match): Token => {
    const [whole, quoted, curly, mention, mark] = match
    if (quoted !== undefined) return { kind: 'quoted', text: quoted.replaceAll('""', '"') }
    if (curly !== undefined) return { kind: 'quoted', text: curly }
    if (mark) return { kind: 'mark', text: mark === '\n' ? ';' : mark }
    return { kind: 'word', text: mention ?? whole }
  })

export const isWord = (token: Token | undefined, word: Reserved): boolean =>
  token?.kind === 'word' && token.text.toLowerCase() === word

/** What stands between the marks, empty stretches left out. */
export function split(tokens: readonly Token[], mark: ';' | ','): Token[][] {
  const parts: Token[][] = [[]]
  for (const token of tokens) {
    if (token.kind === 'mark' && token.text === mark) parts.push([])
    else parts.at(-1)!.push(token)
  }
  return parts.filter((part) => part.length > 0)
}

/** As it was typed, for showing what could not be read. */
export const spoken = (tokens: readonly Token[]): string =>
  tokens.map(({ kind, text }) => (kind === 'quoted' ? quoted(text) : text)).join(' ')

export const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`

/** A name as it is typed: in quotes where it would be read as something else. */
export const typedName = (name: string): string => {
  const plain = /^[^\s;,"“”<>=]+( [^\s;,"“”<>=]+)*$/.test(name)
  const words = name.toLowerCase().split(' ')
  return plain && !words.some((word) => (reserved as readonly string[]).includes(word)) ? name : quoted(name)
}
