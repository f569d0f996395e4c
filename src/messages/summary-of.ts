import type { Part } from '../core/outcome.ts'
import { deliveriesText, reminderSentence } from './delivery-words.ts'
import { statusLine } from './incident-card.ts'
import { words } from './plain-text.ts'
import { alreadySentence, changeSentence, entrySentence, money } from './wording.ts'

/** The notification's line: key, what happened, who. */
export function summaryOf(part: Part, key?: string): string {
  const of = key ? `${key} ` : ''
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
      return `${of}${part.entry.by}: ${entrySentence(part.entry)}`
    case 'heading':
    case 'sentence':
      return part.text
    case 'lines':
      return part.title
    case 'dialogs':
      return part.dialogs.map(({ text }) => text).join(', ')
    case 'facts':
      return part.title ?? part.facts.map(({ name, value }) => `${name}: ${value}`).join(', ')
    case 'comment':
      return `${of}${part.by}: ${part.text}`
    case 'reminder':
      return reminderSentence(part)
    case 'deliveries':
      return `${of}${words(deliveriesText(part))}`
    case 'document':
      return part.name
    case 'help':
      return part.verbs.length === 1 ? part.verbs[0]!.usage : 'What you can do here'
    case 'business_impact':
      return `${of}business impact: ${part.text}`
    case 'technical':
      return `${of}services: ${part.services.map(({ name }) => name).join(', ')}`
    case 'customers_affected':
      return `${of}customers affected: ${part.count.toLocaleString('en')}`
    case 'customers':
      return `${of}customers: ${part.names.join(', ')}`
    case 'costs':
      return `${of}direct cost: ${money(part.direct, part.currency)}`
  }
}
