import { durationWords } from '../core/duration.ts'
import type { PageFacts } from '../core/outbox.ts'
import type { Button, Card, Span, Text } from './card.ts'
import { dots } from './incident-card.ts'

/**
 * Somebody is needed. With buttons where the carrier has them; elsewhere with the one link that acknowledges.
 * @param page its id, for a page by hand about no incident.
 */
export function pageCard(facts: PageFacts, page: string, link?: string): Card {
  const headline = headlineOf(facts)
  const people = facts.people ?? []
  const reason = reasonOf(facts)
  return {
    summary: headline,
    blocks: [
      ...(people.length ? [{ type: 'text' as const, text: called(people) }] : []),
      {
        type: 'text',
        text: facts.incident ? [`${dots[facts.incident.priority]} `, strong(headline)] : [strong(headline)],
      },
      ...(facts.text && facts.incident ? [{ type: 'text' as const, text: saidBy(facts) }] : []),
      ...(reason.length ? [{ type: 'context' as const, text: reason }] : []),
      ...(link ? [{ type: 'text' as const, text: linkText(link, facts) }] : []),
    ],
    ...(link ? {} : { buttons: buttonsOf(facts, page) }),
  }
}

export type ClosedPage = {
  facts: PageFacts
  as: 'acknowledged' | 'ended'
  by?: string
  at: string
  /** From the page to its end. */
  seconds: number
}

/** The same message afterwards: who took it, and nothing to press. */
export function closedPageCard({ facts, as, by, at, seconds }: ClosedPage): Card {
  const headline = headlineOf(facts)
  const end: Text = {
    acknowledged: [
      `Acknowledged by ${by ?? 'somebody'} at `,
      { type: 'time', at, style: 'clock' } as const,
      `, ${durationWords(seconds)} after the page.`,
    ],
    ended: ['Over at ', { type: 'time', at, style: 'clock' } as const, by ? `, by ${by}.` : '.'],
  }[as]
  return {
    summary: as === 'acknowledged' ? acknowledgedWords(facts, by) : `${headline}: over`,
    blocks: [
      { type: 'text', text: [strong(headline)] },
      { type: 'context', text: end },
    ],
  }
}

const acknowledgedWords = ({ incident, text }: PageFacts, by = 'somebody'): string =>
  incident
    ? `${incident.key} acknowledged by ${by}: ${incident.title}`
    : `Page acknowledged by ${by}: ${text ?? ''}`

const strong = (text: string): Span => ({ type: 'strong', text })

const headlineOf = ({ incident, by, text }: PageFacts): string =>
  incident
    ? `${incident.key} needs you: ${incident.title} (${incident.priority})`
    : `${by ?? 'Somebody'} pages you: ${text ?? ''}`

const saidBy = ({ by, text }: PageFacts): string => (by ? `${by}: ${text}` : (text ?? ''))

const called = (people: NonNullable<PageFacts['people']>): Span[] =>
  people.flatMap(({ id, name }, index): Span[] => [
    ...(index ? [' '] : []),
    { type: 'person', id, name, ping: true },
  ])

function reasonOf({ why, step, before, next }: PageFacts): Text {
  const words = [
    ...(why ? [why] : []),
    ...(step && step.of > 1 ? [stepWords(step)] : []),
    ...(before?.names.length
      ? [`${listed(before.names)} did not answer in ${durationWords(before.seconds)}.`]
      : []),
  ]
  if (!next) return [...words, ...(step && step.of > 1 ? ['Nobody is paged after this.'] : [])].join(' ')
  if (!next.names.length) return [...words, 'The next step reaches nobody.'].join(' ')
  const then = `Next: ${listed(next.names)} at`
  return [`${[...words, then].join(' ')} `, { type: 'time', at: next.at, style: 'clock' }, '.']
}

/** The round where it is not the first: the same people are called once more. */
const stepWords = ({ number, of, round = 1 }: NonNullable<PageFacts['step']>): string =>
  `Step ${number} of ${of}${round > 1 ? `, round ${round}` : ''}.`

/** The first two, and how many more. */
const listed = (names: string[]): string => {
  if (names.length <= 2) return names.join(' and ')
  return `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`
}

const linkText = (url: string, { incident }: PageFacts): Span[] => [
  incident ? 'Acknowledge or escalate: ' : 'Acknowledge: ',
  { type: 'link', url, text: url },
]

function buttonsOf({ incident }: PageFacts, page: string): Button[] {
  if (!incident) {
    return [
      {
        text: 'Acknowledge',
        style: 'primary',
        action: { type: 'perform', operation: 'acknowledge_page', input: { page } },
      },
    ]
  }
  const on = (text: string, operation: string): Button => ({
    text,
    action: { type: 'perform', operation, input: { incident: incident.key }, asOf: incident.version },
  })
  return [
    { ...on('Acknowledge', 'acknowledge'), style: 'primary' },
    on('Escalate now', 'escalate'),
    on(`Open ${incident.key}`, 'view_incident_details'),
  ]
}
