const vocabulary =
  `acknowledge resolve assign cancel priority severity status timeline summary summarise summarize
  comment declare create report incident incidents follow unfollow reopen invite category services service impact
  business commander communications scribe internal private change update remove search downgrade please
  commander duplicate`.split(/\s+/)

/**
 * Mends slips in words that commands are made of. Names and inflections stay: a word that holds the other one
 * ("resolved", "unassign") says something else.
 */
export const mend = (sentence: string): string => sentence.replaceAll(/\p{L}{6,}/gu, mendWord)

function mendWord(word: string): string {
  const typed = word.toLowerCase()
  if (vocabulary.includes(typed)) return word
  const most = typed.length < 8 ? 1 : 2
  const near = vocabulary.filter(
    (known) => !typed.includes(known) && !known.startsWith(typed) && distance(typed, known) <= most,
  )
  return near.length === 1 ? near[0]! : word
}

/** Edits between two words: a letter added, dropped, changed, or two neighbours swapped. */
function distance(a: string, b: string): number {
  const rows = [...Array(a.length + 1)].map((_, i) => [i, ...Array<number>(b.length).fill(0)])
  for (let j = 0; j <= b.length; j++) rows[0]![j] = j
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const changed = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min(rows[i - 1]![j]! + 1, rows[i]![j - 1]! + 1, rows[i - 1]![j - 1]! + changed)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, rows[i - 2]![j - 2]! + 1)
      }
      rows[i]![j] = best
    }
  }
  return rows[a.length]![b.length]!
}
