/** Small parsers that verbs share. Each takes the rest of the line, the key already taken off. */

/** A verb without anything after it; more words are a plain sentence, and go to the agent. */
export const nothing = (rest: string) => (rest === '' ? {} : undefined)

/** Everything after the verb is one value. */
export const allAs = (name: string) => (rest: string) => (rest === '' ? undefined : { [name]: rest })

/** One word, whatever it is: the schema says whether it is a good one. */
export const oneWordAs = (name: string) => (rest: string) =>
  rest !== '' && !/\s/.test(rest) ? { [name]: rest } : undefined

/** A person: a mention, an address, `@Name`, or up to three words that could be a name. */
export const personAs = (name: string) => (rest: string) =>
  /^(<@[^>\s]+>|\S+@\S+|@?[\p{L}'’.-]+(\s[\p{L}'’.-]+){0,2})$/u.test(rest) ? { [name]: rest } : undefined
