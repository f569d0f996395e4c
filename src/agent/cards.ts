/** The cards that code makes in a turn: from typed arguments, never from a model's prose. */
import type { Label } from '../core/labels.ts'
import type { Permission } from '../core/permissions.ts'
import type { Card } from '../messages/card.ts'
import type { AnyOperation } from '../operations/define.ts'
import type { Candidate } from './which-incident.ts'

/** Past this a card would have to shorten what it asks to confirm; Slack's button value ends at 2,000. */
export const longestConfirmable = 1_500

/**
 * A write that waits for the person's click: a tainted turn prepared it, or it would store words where more people
 * read them.
 * @param above the permissions that its readers there need not have.
 */
export function confirmation(
  operation: AnyOperation,
  input: Record<string, unknown>,
  label: Label,
  above: Permission[] = [],
): Card {
  const what = operation.summary.replace(/\.$/, '')
  return {
    summary: `Waits for your click: ${what[0]?.toLowerCase()}${what.slice(1)}`,
    blocks: [
      { type: 'heading', text: what, label },
      { type: 'facts', facts: Object.entries(input).map(factOf), label },
      {
        type: 'context',
        text: above.length
          ? `What needs ${above.join(', ')} may have gone into it, and others read it there: nothing is done until you press the button.`
          : 'Prepared after reading what other people wrote, so nothing is done until you press the button.',
      },
    ],
    buttons: [
      {
        text: operation.button ?? 'Apply',
        style: 'primary',
        action: { type: 'perform', operation: operation.name, input },
      },
    ],
  }
}

const factOf = ([name, value]: [string, unknown]) => ({
  name: `${name[0]?.toUpperCase()}${name.slice(1).replaceAll('_', ' ')}`,
  value: wordsOf(value),
})

const wordsOf = (value: unknown): string => {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (Array.isArray(value)) return value.map(wordsOf).join(', ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** Asks which incident a request means, one button each. */
export function picker(operation: AnyOperation, input: Record<string, unknown>, open: Candidate[]): Card {
  if (!open.length) {
    return {
      summary: 'There is no open incident',
      blocks: [{ type: 'text', text: 'There is no open incident.' }],
    }
  }
  const shown = open.slice(0, 5)
  const facts = Object.entries(input).map(factOf)
  return {
    summary: 'Which incident?',
    blocks: [
      { type: 'heading', text: 'Which incident?' },
      ...(facts.length ? [{ type: 'facts' as const, facts }] : []),
      ...shown.flatMap(({ key, title, label }) => [
        { type: 'text' as const, text: `${key}  ${title}`, label },
        {
          type: 'buttons' as const,
          label,
          buttons: [
            {
              text: `${operation.button ?? 'Choose'} ${key}`,
              action: {
                type: 'perform' as const,
                operation: operation.name,
                input: { ...input, incident: key },
              },
            },
          ],
        },
      ]),
      ...(open.length > shown.length
        ? [{ type: 'context' as const, text: `${open.length - shown.length} more are open: list open` }]
        : []),
    ],
  }
}
