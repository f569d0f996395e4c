/**
 * Making people's words fit: what every renderer does to a string before its own escaping. A *size* says what one
 * code point costs where it goes (UTF-16 units unless told; bytes of JSON, escaped length), in the limit's unit.
 */
export type Size = (char: string) => number

const units: Size = (char) => char.length

/**
 * Lone surrogates become U+FFFD (no platform takes them as JSON), line ends become `\n`. Other control characters
 * go, and so do the invisible direction overrides, with which a title could turn round the line it stands in;
 * right-to-left words need none of them.
 */
export const clean = (text: string): string =>
  text
    .toWellFormed()
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '')

export const sizeOf = (text: string, size: Size): number => {
  let total = 0
  for (const char of text) total += size(char)
  return total
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
/** Longer than any real grapheme: a family emoji is 25 units. A longer one is cut between code points. */
const longestGrapheme = 64

/** Where `text` is cut so that what precedes costs at most `max`: an index between two graphemes. */
export const cutAt = (text: string, max: number, size: Size = units): number => {
  let cut = 0
  let total = 0
  for (const char of text) {
    total += size(char)
    if (total > max) break
    cut += char.length
  }
  if (cut === text.length) return cut
  const around = graphemes.segment(text.slice(0, cut + longestGrapheme)).containing(cut)
  return around && cut - around.index < longestGrapheme ? around.index : cut
}

const mark = '… (shortened)'
/** Under this there is no room for words and the long mark both: a button, a modal's title. */
const shortMarkBelow = 60

/** `text` cleaned, and where it costs more than `max`, cut between graphemes and marked as shortened. */
export const shorten = (text: string, max: number, size: Size = units): string => {
  const words = clean(text)
  if (cutAt(words, max, size) === words.length) return words
  const end = max < shortMarkBelow ? '…' : mark
  const room = max - sizeOf(end, size)
  return room < 0 ? '' : words.slice(0, cutAt(words, room, size)).trimEnd() + end
}

/** The line with which a card says that it is shortened, and where the whole is. */
export const shortenedNote = (whole: string | undefined): string =>
  whole ? `Shortened. The whole: ${shorten(whole, 200)}` : 'Shortened: there is more than fits here.'
