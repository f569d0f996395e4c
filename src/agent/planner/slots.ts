import { parseStatus } from '../../core/lifecycle.ts'

const key = 'inc[- ]?\\d{1,9}'
const one = "[\\p{L}\\p{N}][\\p{L}\\p{N}'._-]*"
const few = `${one}(?: ${one}){0,2}?`

/** What each slot of a template may hold; every source begins with the space before it. */
export const slotSources: Record<string, string> = {
  it: ` (?:(?:the |this )?(?:incident )?(?<incident>${key})|(?:this|that|the) (?:incident|one)|this|that|it)`,
  key: ` (?:incident )?(?<incident>${key})`,
  into: ` (?:incident )?(?<into>${key})`,
  priority:
    ' (?:(?:a|an) )?(?:priority |severity |sev ?)?(?<priority>p ?[1-5]|[1-5]|critical|high|medium|low)',
  priorities: ' (?<priority>p[1-5])s?',
  status: ' (?<status>[a-z]+(?:[ _-][a-z]+)?)',
  person: ` (?<person><@[^>\\s]+>|@?${few}|[^\\s@]+@[^\\s@]+)`,
  role: ' (?:the )?(?<role>commander|communications|comms|scribe)',
  team: ` (?:the )?(?:team )?(?<team>${few})(?: team)?`,
  category: ` (?<category>${few})`,
  services: ` (?<services>${few}(?:, ?(?:and )?${few}| and ${few}){0,9})`,
  quoted: ' "(?<quoted>[^"]+)"',
  text: '\\s*(?<text>\\S[\\s\\S]*)',
  verb: ' (?:a |an |the )?(?<verb>[a-z]+)(?: (?:a|an|the|this|it|incidents?|verb))*',
  somebody: ` ${few}`,
  anyPriority: ' p[1-5]',
  anyRole: ' (?:commander|communications|scribe)',
  some: '(?: \\S+){0,3}',
}

const words: Record<string, string> = { critical: 'P1', high: 'P2', medium: 'P3', low: 'P4' }

/** Words that a name never holds: a slot that caught one has swallowed a condition, a second wish or a pronoun. */
const foreign = new Set(
  `a an and any anybody anyone anything are as asap at because before but by can do does every everybody everyone for
  from had has have he her him how i if in into is it its me my myself never no nobody none not now of off on once or
  our she should so someone somebody something than that the them then they this to unless until us was we were what
  when where which who why will with would yet you your incident incidents priority status after later maybe soon
  today tomorrow tonight yesterday commander scribe communications`.split(/\s+/),
)

const named = (text: string): string | undefined =>
  text
    .toLowerCase()
    .split(/[ ,]+/)
    .some((word) => foreign.has(word))
    ? undefined
    : text

/**
 * What a slot means as an argument; undefined when it holds nothing that its argument could be: the template then
 * does not apply.
 */
export const slotMeanings: Record<string, (text: string) => string | string[] | undefined> = {
  incident: (text) => text.toUpperCase().replace(/^INC[- ]?/, 'INC-'),
  into: (text) => text.toUpperCase().replace(/^INC[- ]?/, 'INC-'),
  priority: (text) => words[text.toLowerCase()] ?? `P${text.at(-1)}`,
  status: parseStatus,
  person: named,
  role: (text) => text.toLowerCase().replace('comms', 'communications'),
  team: named,
  category: named,
  services: (text) => {
    const names = text.split(/, ?(?:and )?| and /).map((name) => named(name.trim()))
    return names.includes(undefined) ? undefined : (names as string[])
  },
  text: (text) =>
    text
      .replace(/^[:\s]+/, '')
      .replaceAll(/^["']|["']$/g, '')
      .trim() || undefined,
  quoted: (text) => text.trim() || undefined,
  verb: (text) => text.toLowerCase(),
}
