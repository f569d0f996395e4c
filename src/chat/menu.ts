import type { IncidentLine } from '../core/outcome.ts'
import type { Card } from '../messages/card.ts'
import { dots } from '../messages/incident-card.ts'
import type { AnyOperation } from '../operations/define.ts'

export const menuCard = (declares: boolean, command: string): Card => ({
  summary: 'What would you like to do?',
  blocks: [
    { type: 'text', text: 'What would you like to do?' },
    {
      type: 'context',
      text: [
        'Or type it: ',
        { type: 'code', text: `${command} list` },
        ' · ',
        { type: 'code', text: `${command} help` },
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

/** Which one? Each button does the same verb on one incident. */
export const pickerCard = (
  operation: AnyOperation,
  input: Record<string, unknown>,
  incidents: IncidentLine[],
): Card => {
  const shown = incidents.slice(0, 5)
  const usage = operation.verb?.usage.replace('[INC]', incidents[0]!.key)
  return {
    summary: 'Which incident do you mean?',
    blocks: [
      { type: 'text', text: 'Which incident do you mean?' },
      { type: 'lines', lines: shown.map((each) => `${dots[each.priority]} ${each.key}  ${each.title}`) },
      ...(usage ? [{ type: 'context' as const, text: `Or name it: ${usage}` }] : []),
    ],
    buttons: shown.map((each) => ({
      text: each.key,
      id: `${operation.name}:${each.key}`,
      action: { type: 'perform', operation: operation.name, input: { incident: each.key, ...input } },
    })),
  }
}

export const usageCard = (operation: AnyOperation, command: string): Card => {
  const usage = `${command} ${operation.verb!.usage}`
  return {
    summary: `Nothing was done. Write it like this: ${usage}`,
    blocks: [
      { type: 'text', text: ['Nothing was done. Write it like this: ', { type: 'code', text: usage }] },
      { type: 'context', text: operation.summary },
    ],
  }
}
