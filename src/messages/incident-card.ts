import type { Label } from '../core/labels.ts'
import { isOpen } from '../core/lifecycle.ts'
import type { IncidentView, Part, TimelineEntry } from '../core/outcome.ts'
import type { IncidentStatus, Priority } from '../db/schema.ts'
import type { Block, Button, Span } from './card.ts'
import { type Detail, factsOf, inOrder, isDetail, labelled } from './part-blocks.ts'
import { entrySentence } from './wording.ts'

/** The fixed set of emoji: the priority's colour, never the only sign of it. */
export const dots: Record<Priority, string> = { P1: '🔴', P2: '🟠', P3: '🟡', P4: '🔵', P5: '⚪' }

export const statusLine = (incident: { status: IncidentStatus; priority: Priority }): string =>
  `Status: ${incident.status}   Priority: ${incident.priority}`

/** An incident as one line: for what is about it without being its card. */
export const incidentLine = (incident: {
  key: string
  title: string
  status: IncidentStatus
  priority: Priority
}): Span[] => [
  `${dots[incident.priority]} `,
  { type: 'strong', text: incident.key },
  `  ${incident.title}   ${statusLine(incident)}`,
]

type IncidentPart = Part & { kind: 'incident' }

/**
 * What it is, where it stands, who is on it, what is affected, what happened last.
 * @param parts the outcome's parts: those that say more of the incident stand among its facts.
 */
export function incidentBlocks({ incident, label }: IncidentPart, parts: Part[]): Block[] {
  const more = inOrder(parts.filter(isDetail))
  const told = parts.some((part) => part.kind === 'entry' || isLast(part, incident))
  const blocks: Block[] = [
    { type: 'heading', text: `${dots[incident.priority]} ${incident.key}  ${incident.title}` },
    {
      type: 'text',
      text: [
        { type: 'strong', text: statusLine(incident) },
        incident.team ? `   Team: ${incident.team}` : '',
        incident.private ? '   Private' : '',
      ],
    },
    { type: 'text', text: peopleOf(incident) },
  ]
  if (incident.description) blocks.push({ type: 'text', text: incident.description })
  const facts = incidentFacts(incident, more)
  const all: Label[] = [label, ...more.map((part) => part.label)]
  const last: Block[] = told ? [] : lastBlocks(incident)
  return [
    ...blocks.map((block) => labelled(block, label)),
    ...(facts.length ? [labelled({ type: 'facts', facts }, ...all)] : []),
    ...last.map((block) => labelled(block, label)),
  ]
}

function peopleOf(incident: IncidentView): Span[] {
  const commander = incident.roles.find(({ role }) => role === 'commander')?.person.name
  const assignee = incident.assigneePerson?.name
  const people: Span[][] = [
    commander ? [`Commander ${commander}`] : [],
    [assignee ? `Assignee ${assignee}` : 'Nobody assigned'],
    // Whoever took it over speaks for it; before that, the one who said they look.
    incident.acknowledged && !assignee && isOpen(incident.status)
      ? [`acknowledged by ${incident.acknowledged.by}`]
      : [],
    [
      'opened ',
      { type: 'time', at: incident.openedAt, style: 'ago' },
      ...(incident.reporter ? [` by ${incident.reporter.name}`] : []),
    ],
  ]
  return people.filter((spans) => spans.length).flatMap((spans, index) => (index ? [' · ', ...spans] : spans))
}

function incidentFacts(incident: IncidentView, more: Detail[]): { name: string; value: string }[] {
  const { category, department, channel } = incident
  // Whoever may see the technical side gets each service with it, in the place of its name alone.
  const named = more.some((part) => part.kind === 'technical') ? [] : incident.services
  return [
    ...(incident.mergedInto ? [{ name: 'Merged into', value: incident.mergedInto }] : []),
    ...(channel
      ? [
          {
            name: 'Channel',
            value: 'name' in channel ? channel.name : `channel missing: ${channel.missing}`,
          },
        ]
      : []),
    ...(named.length ? [{ name: 'Services', value: named.join(', ') }] : []),
    ...more.flatMap(factsOf),
    ...(category ? [{ name: 'Category', value: department ? `${category} (${department})` : category }] : []),
    ...(department && !category ? [{ name: 'Department', value: department }] : []),
    ...incident.roles
      .filter(({ role }) => role !== 'commander')
      .map(({ role, person }) => ({
        name: role.charAt(0).toUpperCase() + role.slice(1),
        value: person.name,
      })),
  ]
}

/** Nothing where it would say again what the card has said: that it was declared. */
function lastBlocks({ last }: IncidentView): Block[] {
  if (!last || last.operation === 'create_incident') return []
  const { at, by } = last
  return [
    {
      type: 'context',
      text: ['Last  ', { type: 'time', at, style: 'clock' }, ` ${by}: ${lastWords(last)}`],
    },
  ]
}

/** An incident's card speaks of no other one; the timeline names it. */
const lastWords = (last: TimelineEntry): string =>
  last.operation === 'merge' && last.new?.merged ? 'merged another one into it' : entrySentence(last)

const isLast = (part: Part, { last }: IncidentView): boolean =>
  part.kind === 'comment' && last?.operation === 'comment' && last.at === part.at

/** What is likely to be pressed next: at most five, the one that ends it last and asked for once more. */
export function incidentButtons(incident: {
  key: string
  title: string
  status: IncidentStatus
  version: number
  acknowledged: boolean
  assigned: boolean
}): Button[] {
  const { key, version } = incident
  const on = (text: string, operation: string, more?: Partial<Button>): Button => ({
    text,
    action: { type: 'perform', operation, input: { incident: key }, asOf: version },
    ...more,
  })
  const form = (text: string, name: string, more?: Partial<Button>): Button => ({
    text,
    action: { type: 'form', form: name, values: { incident: key } },
    ...more,
  })
  const primary = { style: 'primary' } as const
  if (isOpen(incident.status)) {
    const { acknowledged, assigned } = incident
    const take = on('Take', 'take', acknowledged && !assigned ? primary : {})
    const update = form('Update', 'update_incident', acknowledged && assigned ? primary : {})
    return [
      ...(acknowledged ? [] : [on('Acknowledge', 'acknowledge', primary)]),
      ...(acknowledged && assigned ? [update, take] : [take, update]),
      on('Escalate', 'escalate'),
      on('Resolve', 'resolve', { confirm: confirmOf('resolve', incident) }),
    ]
  }
  if (incident.status === 'RESOLVED') {
    return [
      form('Reopen', 'reopen'),
      on('Timeline', 'view_timeline'),
      on('Close', 'close', { style: 'danger', confirm: confirmOf('close', incident) }),
    ]
  }
  return [on('Timeline', 'view_timeline')]
}

/** Asked before something ends; undefined for what is easily undone. */
export function confirmOf(
  operation: string,
  { key, title }: { key: string; title: string },
): Button['confirm'] {
  switch (operation) {
    case 'resolve':
      return {
        title: `Resolve ${key}?`,
        text: `${title}. It can be reopened until it is closed.`,
        yes: 'Resolve',
      }
    case 'close':
      return { title: `Close ${key}?`, text: `${title}. A closed incident stays closed.`, yes: 'Close' }
    case 'cancel':
      return {
        title: `Cancel ${key}?`,
        text: `${title}. A cancelled incident stays cancelled.`,
        yes: 'Cancel incident',
      }
    case 'merge':
      return { title: `Merge ${key}?`, text: `${title}. It is cancelled, and stays so.`, yes: 'Merge' }
    default:
      return undefined
  }
}
