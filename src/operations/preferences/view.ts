import { writeDuration } from '../../core/duration.ts'
import type { Label } from '../../core/labels.ts'
import type { Part } from '../../core/outcome.ts'
import { destinationFor } from '../../core/preferences/destination.ts'
import { loadOrganisation, loadRecipients } from '../../core/preferences/load.ts'
import {
  defaults,
  quietHoursOf,
  type Urgency,
  urgencies,
  type Way,
  waysFor,
} from '../../core/preferences/preference.ts'
import { zoneOf } from '../../core/preferences/quiet.ts'
import type { Scope } from '../define.ts'

/** How one person is told of things: whose word it is, and what of it cannot work and why. */
export async function preferencesOf(
  { tx, orgId, actor }: Pick<Scope, 'tx' | 'orgId' | 'actor'>,
  personId: string,
  label: Label,
): Promise<Part[]> {
  const organisation = await loadOrganisation(tx, orgId)
  const [person] = await loadRecipients(tx, orgId, [personId])
  if (!person) return []
  const own = personId === actor.personId
  const source = (name: 'high' | 'low' | 'quietHours') => {
    if (person.own[name]) return own ? 'your own' : 'their own'
    return organisation.preferences[name] ? 'the organisation’s' : 'default'
  }
  const quiet = quietHoursOf(person.own, organisation.preferences)
  const lacking = urgencies.flatMap((urgency) => {
    const ways = waysFor(urgency, person.own, organisation.preferences)
    const wrong = ways.flatMap(({ route }) => {
      const destination = destinationFor(route, person, organisation)
      return 'lacking' in destination
        ? [`${urgency}: ${route} does not work: ${lackingWords(destination.lacking, own)}`]
        : []
    })
    return wrong.length === ways.length
      ? [...wrong, `${urgency}: nothing is left of it, so I try ${waysWords(defaults[urgency])}`]
      : wrong
  })
  const authors = [personId]
  return [
    {
      kind: 'facts',
      label,
      authors,
      title: own ? 'How you are told' : `How ${person.name} is told`,
      form: { name: 'set_preferences', values: own ? {} : { person: person.email ?? person.name } },
      facts: [
        ...urgencies.map((urgency) => ({
          name: urgencyWords[urgency],
          value: `${waysWords(waysFor(urgency, person.own, organisation.preferences))} (${source(urgency)})`,
        })),
        {
          name: 'Quiet hours',
          value: quiet
            ? `${quiet.from} to ${quiet.to}, never for P1 pages (${source('quietHours')})`
            : 'none',
        },
        { name: 'Time zone', value: person.timeZone ? zoneOf(person.timeZone) : 'UTC (none is set)' },
        { name: 'Telephone', value: person.phone ? masked(person.phone) : 'none' },
      ],
    },
    ...(lacking.length
      ? [{ kind: 'lines' as const, label, authors, title: 'What does not work', lines: lacking }]
      : []),
  ]
}

/** What is lacking, and what the reader can do about it. */
const lackingWords = (lacking: string, own: boolean): string =>
  own && lacking === 'no telephone number' ? `${lacking}; to set it: preferences phone NUMBER` : lacking

const urgencyWords: Record<Urgency, string> = { high: 'High (pages)', low: 'Low (news)' }

/** `chat at once, sms after 1m` */
export const waysWords = (ways: Way[]): string =>
  ways
    .map(({ route, afterSeconds }) =>
      afterSeconds ? `${route} after ${writeDuration(afterSeconds)}` : `${route} at once`,
    )
    .join(', ')

/** The answer may stand where others read it. */
export const masked = (phone: string): string => `ends in ${phone.slice(-3)}`
