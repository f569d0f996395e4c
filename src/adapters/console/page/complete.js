/** What the composer suggests for what stands before the caret. Pure. */

const most = 8
/** `priority [INC] P1..P5` begins with the words that one types as they are: `priority`. */
const literal = (usage) => /^[a-z][a-z-]*(?: [a-z][a-z-]*)*/.exec(usage)?.[0] ?? ''

/**
 * @returns undefined, or `{ start, items, hint }`: an item replaces the text from `start` to the caret; with
 * `eager` the first one is already chosen, so that Enter takes it.
 */
export function suggest(head, { verbs, people, direct }) {
  if (head.includes('\n')) return undefined
  const person = /(?:^|\s)@([\p{L}\p{N}_.-]*)$/u.exec(head)
  if (person) return peopleFor(head.length - person[1].length - 1, person[1].toLowerCase(), people)
  if (/^\/\S*$/.test(head)) return commandsFor(head.toLowerCase())
  const command = /^\/(?:incident|inc)\s+/i.exec(head)
  if (!command && (!direct || !/^[a-z]{2}/i.test(head))) return undefined
  const start = command?.[0].length ?? 0
  return verbsFor(start, head.slice(start).toLowerCase(), verbs, Boolean(command))
}

function commandsFor(typed) {
  const items = ['/incident', '/inc']
    .filter((name) => name.startsWith(typed) && name !== typed)
    .map((name) => ({
      insert: `${name} `,
      label: name,
      note: name === '/inc' ? 'the same, shorter' : 'a command',
    }))
  return items.length > 0 ? { start: 0, items, eager: true } : undefined
}

function verbsFor(start, typed, verbs, command) {
  const known = verbs.map((verb) => ({ ...verb, words: literal(verb.usage) })).filter((verb) => verb.words)
  const using = known
    .filter(({ words }) => typed === words || typed.startsWith(`${words} `))
    .sort((a, b) => b.words.length - a.words.length)[0]
  const hint = using && `${using.usage}: ${using.summary}`
  const items = known
    .filter(({ words }) => words.startsWith(typed) && words !== typed)
    .map(({ words, usage, summary }) => ({ insert: `${words} `, label: usage, note: summary }))
  if (items.length === 0) return hint ? { start, items, hint } : undefined
  return {
    start,
    items: items.slice(0, typed ? most : items.length),
    hint,
    eager: command && typed !== '' && !using,
  }
}

function peopleFor(start, typed, people) {
  const bot = { user: 'Tocsin', name: 'Tocsin', title: 'asks the agent' }
  const items = [...(start === 0 ? [bot] : []), ...people]
    .filter(({ user, name }) =>
      [user, ...name.split(' ')].some((word) => word.toLowerCase().startsWith(typed)),
    )
    .filter(({ user }) => user.toLowerCase() !== typed)
    .slice(0, most)
    .map(({ user, name, title }) => ({
      insert: `@${user} `,
      label: `@${user}`,
      note: user === 'Tocsin' ? title : `${name}, ${title}`,
    }))
  return items.length > 0 ? { start, items, eager: typed !== '' } : undefined
}
