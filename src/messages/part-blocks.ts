/** One part of an outcome as blocks: what stands the same wherever it appears. */
import { type Label, union } from '../core/labels.ts'
import type { Part } from '../core/outcome.ts'
import type { Block } from './card.ts'
import { deliveriesText, reminderText } from './delivery-words.ts'
import { helpBlocks } from './help-card.ts'
import { alreadySentence, changeSentence, money, timeless } from './wording.ts'

export const labelled = (block: Block, ...labels: Label[]): Block => ({ ...block, label: union(...labels) })

const details = ['technical', 'business_impact', 'customers_affected', 'customers', 'costs'] as const
/** What says more of one incident: a fact among its others. */
export type Detail = Part & { kind: (typeof details)[number] }

export const isDetail = (part: Part): part is Detail => (details as readonly string[]).includes(part.kind)

/** The services first, then what it means, then whom it costs how much. */
export const inOrder = (parts: Detail[]): Detail[] =>
  parts.toSorted((a, b) => details.indexOf(a.kind) - details.indexOf(b.kind))

export function factsOf(part: Detail): { name: string; value: string }[] {
  switch (part.kind) {
    case 'technical':
      return [
        {
          name: 'Services',
          value: part.services
            .map(({ name, critical, team }) => {
              const more = [critical && 'critical', team].filter(Boolean).join(', ')
              return more ? `${name} (${more})` : name
            })
            .join(', '),
        },
      ]
    case 'business_impact':
      return [{ name: 'Impact', value: part.text }]
    case 'customers_affected':
      return [{ name: 'Customers affected', value: part.count.toLocaleString('en') }]
    case 'customers':
      return [{ name: 'Customers', value: part.names.join(', ') }]
    case 'costs':
      return [
        { name: 'Direct cost', value: money(part.direct, part.currency) },
        { name: 'SLA penalty at risk', value: money(part.penalty, part.currency) },
      ]
  }
}

type Simple = Exclude<Part, { kind: Detail['kind'] | 'incident' | 'incidents' | 'entry' | 'comment' }>

export function blocksOf(part: Simple): Block[] {
  switch (part.kind) {
    case 'change':
      return [{ type: 'text', text: [{ type: 'strong', text: `${changeSentence(part)}.` }] }]
    case 'already':
      return [
        {
          type: 'text',
          text: timeless(part.change)
            ? `${alreadySentence(part)}. Nothing was changed.`
            : [
                `${alreadySentence(part)} at `,
                { type: 'time', at: part.at, style: 'ago' },
                '. Nothing was changed.',
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
    case 'dialogs':
      return [
        {
          type: 'buttons',
          buttons: part.dialogs.map(({ text, form, values }) => ({
            text,
            action: { type: 'form', form, values },
          })),
        },
      ]
    case 'reminder':
      return [{ type: 'text', text: reminderText(part) }]
    case 'deliveries':
      return [{ type: 'text', text: deliveriesText(part) }]
    case 'document':
      return [
        { type: 'heading', text: part.name },
        { type: 'code', text: part.text },
      ]
    case 'help':
      return helpBlocks(part)
  }
}
