import type { Part } from '../core/outcome.ts'
import type { Block, Span } from './card.ts'
import { usageText } from './usage.ts'

type Help = Part & { kind: 'help' }
type Verb = Help['verbs'][number]

/** One verb with all there is to say of it; all of them as what one would type, area by area. */
export function helpBlocks({ verbs }: Help): Block[] {
  const [first, second] = verbs
  if (first && !second) return oneVerb(first)
  if (first && verbs.every((verb) => wordOf(verb) === wordOf(first))) return family(wordOf(first), verbs)
  return [
    { type: 'heading', text: 'What you can do here' },
    ...[...Map.groupBy(verbs.toSorted(byStandingLast), areaOf)].map(
      ([area, inArea]): Block => ({
        type: 'text',
        text: [{ type: 'strong', text: area }, '\n', ...usages(inArea)],
      }),
    ),
    {
      type: 'context',
      text: [
        'The incident’s key comes right after the verb: ',
        { type: 'code', text: 'ack INC-001' },
        '. In its thread the key may be left out. ',
        { type: 'code', text: 'help note' },
        ' explains one verb.',
      ],
    },
  ]
}

const wordOf = ({ usage }: Verb): string => usage.split(' ', 1)[0]!

const areaOf = ({ area, byStanding }: Verb): string =>
  byStanding ? 'On incidents that you report, are paged for or are assigned' : area

/** What one may do anywhere comes first. */
const byStandingLast = (a: Verb, b: Verb): number => Number(!!a.byStanding) - Number(!!b.byStanding)

const usages = (verbs: Verb[]): Span[] =>
  verbs.flatMap(({ usage }, index): Span[] => [
    ...(index ? ['  ·  '] : []),
    { type: 'code', text: brief(usage.replace(/ ?\[INC\]/, '')) },
  ])

const longest = 28

/** The verb, and what it takes where that is soon said. */
const brief = (usage: string): string =>
  usage.length > longest ? `${/^[a-z]+(?: [a-z]+(?= |$))*/.exec(usage)?.[0] ?? usage} …` : usage

const family = (word: string, verbs: Verb[]): Block[] => [
  { type: 'heading', text: word },
  {
    type: 'lines',
    lines: verbs.map(({ usage, summary }): Span[] => [
      { type: 'code', text: usageText(usage) },
      `  ${summary}`,
    ]),
  },
]

const oneVerb = ({ usage, summary, aliases, permission }: Verb): Block[] => [
  { type: 'heading', text: usageText(usage) },
  { type: 'text', text: summary },
  ...(aliases?.length ? [{ type: 'text' as const, text: `Also: ${aliases.join(', ')}` }] : []),
  ...(permission ? [{ type: 'context' as const, text: `Needs ${permission}.` }] : []),
]
