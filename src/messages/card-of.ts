import type { Outcome, Part } from '../core/outcome.ts'
import type { Permission } from '../core/permissions.ts'
import type { Block, Button, Card, Span } from './card.ts'
import { dots, incidentBlocks, incidentButtons, statusLine } from './incident-card.ts'
import { alreadySentence, changeSentence, entrySentence, money } from './wording.ts'

/**
 * Turns what an operation returned, as far as its reader may see it, into a card.
 * @param withheld permissions of parts that were left out though the reader asked for them.
 */
export function cardOf(outcome: Outcome, withheld: Permission[] = []): Card {
  const { parts, incident } = outcome
  const blocks = parts.flatMap((part) =>
    blocksOf(part).map((block): Block => ({ ...block, label: part.label })),
  )
  const [first] = parts
  const shown = parts.find((part) => part.kind === 'incident')
  if (incident && first && (first.kind === 'change' || first.kind === 'already')) {
    blocks.push({
      type: 'context',
      label: first.label,
      text: `${dots[incident.priority]} ${incident.title}   ${statusLine(incident)}`,
    })
  }
  if (withheld.length) {
    const needs = withheld.join(', ')
    blocks.push({ type: 'context', text: `Some of it is withheld: that needs ${needs}.` })
  }
  const buttons: Button[] | undefined =
    shown?.kind === 'incident'
      ? incidentButtons({ ...shown.incident, acknowledged: !!shown.incident.acknowledged })
      : undefined
  return {
    summary: first ? summaryOf(first) : 'There is nothing that you may see.',
    blocks: blocks.length ? blocks : [{ type: 'text', text: 'There is nothing that you may see.' }],
    buttons,
    whole: incident && `show ${incident.key}`,
  }
}

function blocksOf(part: Part): Block[] {
  switch (part.kind) {
    case 'incident':
      return incidentBlocks(part.incident)
    case 'change':
      return [{ type: 'text', text: [{ type: 'strong', text: `${changeSentence(part)}.` }] }]
    case 'already':
      return [
        {
          type: 'text',
          text: [
            `${alreadySentence(part)}, `,
            { type: 'time', at: part.at, style: 'ago' },
            '. Nothing was changed.',
          ],
        },
      ]
    case 'incidents':
      return [
        { type: 'heading', text: part.incidents.length ? part.title : `${part.title}: none` },
        ...(part.incidents.length
          ? [{ type: 'lines' as const, lines: part.incidents.map(incidentSpans) }]
          : []),
        ...(part.more > 0
          ? [{ type: 'context' as const, text: 'There are more: narrow it down, for example list P1.' }]
          : []),
      ]
    case 'entry':
      return [
        {
          type: 'text',
          text: [
            { type: 'time', at: part.entry.at, style: 'date' },
            ` ${part.entry.by}: ${entrySentence(part.entry)}`,
          ],
        },
      ]
    case 'technical':
      return [
        {
          type: 'facts',
          facts: part.services.map((service) => ({
            name: service.name,
            value: [service.critical ? 'critical' : 'not critical', service.team && `team ${service.team}`]
              .filter(Boolean)
              .join(', '),
          })),
        },
      ]
    case 'business_impact':
      return [{ type: 'facts', facts: [{ name: 'Impact', value: part.text }] }]
    case 'customers_affected':
      return [
        { type: 'facts', facts: [{ name: 'Customers affected', value: part.count.toLocaleString('en') }] },
      ]
    case 'customers':
      return [{ type: 'facts', facts: [{ name: 'Customers', value: part.names.join(', ') }] }]
    case 'costs':
      return [
        {
          type: 'facts',
          facts: [
            { name: 'Direct cost', value: money(part.direct, part.currency) },
            { name: 'SLA penalty at risk', value: money(part.penalty, part.currency) },
          ],
        },
      ]
    case 'comment':
      return [
        {
          type: 'text',
          text: [
            { type: 'time', at: part.at, style: 'clock' },
            ` ${part.by}${part.visibility === 'internal' ? ' (internal)' : ''}: ${part.text}`,
          ],
        },
      ]
    case 'heading':
      return [{ type: 'heading', text: part.text }]
    case 'facts':
      return [
        ...(part.title ? [{ type: 'heading' as const, text: part.title }] : []),
        { type: 'facts', facts: part.facts },
      ]
    case 'lines':
      return [
        { type: 'heading', text: part.title },
        ...(part.lines.length ? [{ type: 'lines' as const, lines: part.lines }] : []),
        ...(part.more ? [{ type: 'context' as const, text: `And ${part.more} more.` }] : []),
      ]
    case 'sentence':
      return [{ type: 'text', text: part.text }]
    case 'document':
      return [
        { type: 'heading', text: part.name },
        { type: 'code', text: part.text },
      ]
    case 'help':
      return [
        { type: 'heading', text: part.verbs.length === 1 ? part.verbs[0]!.usage : 'What you can do here' },
        {
          type: 'lines',
          lines: part.verbs.map((verb) => [
            { type: 'code', text: verb.usage },
            `  ${verb.summary}${verb.permission ? ` Needs ${verb.permission}.` : ''}`,
          ]),
        },
        {
          type: 'context',
          text: '[INC] is a key such as INC-001; in an incident’s thread it may be left out.',
        },
      ]
  }
}

const incidentSpans = (
  incident: Parameters<typeof statusLine>[0] & {
    key: string
    title: string
    team?: string
    assignee?: string
  },
): Span[] => [
  `${dots[incident.priority]} `,
  { type: 'strong', text: incident.key },
  `  ${incident.title}   ${statusLine(incident)}`,
  ` · ${[incident.team, incident.assignee ?? 'nobody assigned'].filter(Boolean).join(' · ')}`,
]

/** The notification's line. */
function summaryOf(part: Part): string {
  switch (part.kind) {
    case 'incident':
      return `${part.incident.key} ${part.incident.title} (${statusLine(part.incident)})`
    case 'change':
      return changeSentence(part)
    case 'already':
      return alreadySentence(part)
    case 'incidents':
      return part.incidents.length ? `${part.title}: ${part.incidents.length}` : `${part.title}: none`
    case 'entry':
      return `${part.entry.by}: ${entrySentence(part.entry)}`
    case 'heading':
    case 'sentence':
      return part.text
    case 'lines':
      return part.title
    case 'facts':
      return part.title ?? part.facts.map(({ name, value }) => `${name}: ${value}`).join(', ')
    case 'comment':
      return `${part.by}: ${part.text}`
    case 'document':
      return part.name
    case 'help':
      return 'What you can do here'
    case 'business_impact':
      return `Impact: ${part.text}`
    case 'technical':
      return 'Affected services'
    case 'customers_affected':
      return `${part.count} customers affected`
    case 'customers':
      return `Customers: ${part.names.join(', ')}`
    case 'costs':
      return `Direct cost ${money(part.direct, part.currency)}`
  }
}
