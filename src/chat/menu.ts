import type { IncidentLine } from '../core/outcome.ts'
import type { Card } from '../messages/card.ts'
import { confirmOf, incidentLine } from '../messages/incident-card.ts'
import { usageText } from '../messages/usage.ts'
import type { AnyOperation } from '../operations/define.ts'

/** Buttons that a card has room for. */
const most = 5

/** @param command what goes before a verb where this is read; empty where the verb is enough. */

export const menuCard = (declares: boolean, command: string): Card => ({
  summary: 'What would you like to do?',
  blocks: [
    { type: 'text', text: 'What would you like to do?' },
    {
      type: 'context',
      text: [
        'Or type it: ',
        { type: 'code', text: usageText('list', { command }) },
        ' · ',
        { type: 'code', text: usageText('help', { command }) },
      ],
    },
  ],
  buttons: [
    ...(declares
      ? [
          {
            text: 'Declare an incident',
            style: 'primary' as const,
            action: { type: 'form' as const, form: 'create_incident' },
          },
        ]
      : []),
    { text: 'Open incidents', action: { type: 'perform', operation: 'list_incidents', input: {} } },
    { text: 'Mine', action: { type: 'perform', operation: 'list_incidents', input: { scope: 'mine' } } },
    { text: 'Help', action: { type: 'perform', operation: 'help', input: {} } },
  ],
})

/** Which one? Each button does the same verb on one incident, the most urgent first. */
export const pickerCard = (
  operation: AnyOperation,
  input: Record<string, unknown>,
  incidents: IncidentLine[],
  command: string,
): Card => {
  const urgent = incidents.toSorted((a, b) => a.priority.localeCompare(b.priority))
  const shown = urgent.slice(0, most)
  const usage = usageText(operation.verb!.usage, { command, key: shown[0]!.key })
  const more = urgent.length > most ? 'There are more. ' : ''
  return {
    summary: 'Which incident do you mean?',
    blocks: [
      { type: 'text', text: 'Which incident do you mean?' },
      { type: 'lines', lines: shown.map(incidentLine) },
      { type: 'context', text: [`${more}Or name it: `, { type: 'code', text: usage }] },
    ],
    buttons: shown.map((each) => ({
      text: each.key,
      id: `${operation.name}:${each.key}`,
      action: { type: 'perform', operation: operation.name, input: { incident: each.key, ...input } },
      confirm: confirmOf(operation.name, each),
    })),
  }
}

/** A verb that was begun and not finished. */
export const usageCard = (operation: AnyOperation, command: string, key?: string): Card => {
  const usage = usageText(operation.verb!.usage, { command, key })
  return {
    summary: `Nothing was done. Write it like this: ${usage}`,
    blocks: [
      { type: 'text', text: ['Nothing was done. Write it like this: ', { type: 'code', text: usage }] },
      { type: 'context', text: operation.summary },
    ],
  }
}
