/** Parsers for verbs whose names are several words. Quotes keep words together: `teams add "on call" Ida Torres`. */

export const tokens = (rest: string): string[] =>
  [...rest.matchAll(/"([^"]*)"|“([^“”]*)”|(\S+)/g)].map((match) => match[1] ?? match[2] ?? match[3]!)

export const joined = (words: string[]): string | undefined => words.join(' ') || undefined

/** `PERSON VALUE`: the last word is the value, everything before it the person. */
export const personThen = (value: string) => (rest: string) => {
  const words = tokens(rest)
  return { person: joined(words.slice(0, -1)), [value]: words.at(-1) }
}

/** `TEAM PERSON`: the first word (or quoted words) is the team. */
export const teamThenPerson = (rest: string) => {
  const [team, ...person] = tokens(rest)
  return { team, person: joined(person) }
}

export const onlyPerson = (rest: string) => ({ person: joined(tokens(rest)) })
