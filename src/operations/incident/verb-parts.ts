/** Small parsers that verbs share. Each takes the rest of the line, the key already taken off. */

/** A verb without anything after it; more words are a plain sentence, and go to the agent. */
export const nothing = (rest: string) => (rest === '' ? {} : undefined)

/** Everything after the verb is one value. */
export const allAs = (name: string) => (rest: string) => (rest === '' ? undefined : { [name]: rest })

/** One word, whatever it is: the schema says whether it is a good one. */
export const oneWordAs = (name: string) => (rest: string) =>
  rest !== '' && !/\s/.test(rest) ? { [name]: rest } : undefined

/** Longer than any name or address: what is typed may be 40,000 characters, and the pattern tries every `@` in them. */
const longestPerson = 300

/** A person: a mention, an address, `@Name`, or up to three words that could be a name; "to" may come before. */
export const personAs = (name: string) => (rest: string) => {
  if (rest.length > longestPerson) return undefined
  const person = rest.replace(/^to\s+/i, '')
  return /^(<@[^>\s]+>|\S+@\S+|@?[\p{L}'’.-]+(\s[\p{L}'’.-]+){0,2})$/u.test(person)
    ? { [name]: person }
    : undefined
}
