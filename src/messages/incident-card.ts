import { isOpen } from '../core/lifecycle.ts'
import type { IncidentView } from '../core/outcome.ts'
import type { IncidentStatus, Priority } from '../db/schema.ts'
import type { Block, Button, Span } from './card.ts'
import { entrySentence } from './wording.ts'

/** The fixed set of emoji: the priority's colour, never the only sign of it. */
export const dots: Record<Priority, string> = { P1: '🔴', P2: '🟠', P3: '🟡', P4: '🔵', P5: '⚪' }

export const statusLine = (incident: { status: IncidentStatus; priority: Priority }): string =>
  `Status: ${incident.status}   Priority: ${incident.priority}`

/** The incident's own facts; what needs more than the plain permission comes as parts of its own. */
export function incidentBlocks(incident: IncidentView): Block[] {
  const commander = incident.roles.find(({ role }) => role === 'commander')?.person.name
  const people: Span[][] = [
    commander ? [`Commander ${commander}`] : [],
    incident.assigneePerson ? [`Assignee ${incident.assigneePerson.name}`] : ['Nobody assigned'],
    [
      'opened ',
      { type: 'time', at: incident.openedAt, style: 'ago' },
      ...(incident.reporter ? [` by ${incident.reporter.name}`] : []),
    ],
  ]
  const others = incident.roles.filter(({ role }) => role !== 'commander')
  const facts = [
    incident.services.length ? { name: 'Services', value: incident.services.join(', ') } : undefined,
    incident.category ? { name: 'Category', value: incident.category } : undefined,
    incident.department ? { name: 'Department', value: incident.department } : undefined,
    incident.mergedInto ? { name: 'Merged into', value: incident.mergedInto } : undefined,
    ...others.map(({ role, person }) => ({
      name: role.charAt(0).toUpperCase() + role.slice(1),
      value: person.name,
    })),
  ].filter((fact) => fact !== undefined)
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
    {
      type: 'text',
      text: people.filter((spans) => spans.length).flatMap((spans, i) => (i ? [' · ', ...spans] : spans)),
    },
  ]
  if (incident.description) blocks.push({ type: 'text', text: incident.description })
  if (facts.length) blocks.push({ type: 'facts', facts })
  if (incident.last) {
    const { at, by } = incident.last
    blocks.push({
      type: 'context',
      text: ['Last  ', { type: 'time', at, style: 'clock' }, ` ${by}: ${entrySentence(incident.last)}`],
    })
  }
  return blocks
}

/** What is likely to be pressed next: at most five, the irreversible one last. */
export function incidentButtons(incident: {
  key: string
  status: IncidentStatus
  version: number
  acknowledged: boolean
}): Button[] {
  const on = (text: string, operation: string, style?: Button['style']): Button => ({
    text,
    style,
    action: { type: 'perform', operation, input: { incident: incident.key }, asOf: incident.version },
  })
  if (isOpen(incident.status)) {
    return [
      ...(incident.acknowledged ? [] : [on('Acknowledge', 'acknowledge', 'primary' as const)]),
      on('Take', 'take'),
      {
        text: 'Update',
        action: { type: 'form', form: 'update_incident', values: { incident: incident.key } },
      },
      on('Timeline', 'view_timeline'),
      on('Resolve', 'resolve', incident.acknowledged ? 'primary' : undefined),
    ]
  }
  if (incident.status === 'RESOLVED') {
    return [
      on('Timeline', 'view_timeline'),
      { text: 'Reopen', action: { type: 'form', form: 'reopen', values: { incident: incident.key } } },
      on('Close', 'close', 'primary'),
    ]
  }
  return [on('Timeline', 'view_timeline')]
}
