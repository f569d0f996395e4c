import type { TocsinError } from '../errors.ts'
import type { Block, Card, Span } from './card.ts'
import { usageText } from './usage.ts'

/**
 * What was not done, why in a word, who can, one way on.
 * @param command what goes before a verb where this is read; empty where the verb is enough.
 */
export function refusalCard(error: TocsinError, command = ''): Card {
  const { allowed, usage, incidentKey: key } = error.detail
  const sentence = wholeSentence(error)
  const blocks: Block[] = [{ type: 'text', text: sentence }]
  const who = whoCan(error)
  if (who) blocks.push({ type: 'text', text: who })
  if (allowed?.length) {
    // What may be typed about an incident, or names that are known.
    const text: Span[] = key
      ? [
          'Possible now: ',
          ...between(allowed.map((verb): Span => ({ type: 'code', text: usageText(verb, { command }) }))),
        ]
      : [`Known: ${allowed.join(' · ')}`]
    blocks.push({ type: 'text', text })
  }
  if (usage)
    blocks.push({
      type: 'context',
      text: ['Like this: ', { type: 'code', text: usageText(usage, { command, key }) }],
    })
  return { summary: sentence, blocks }
}

/** A refusal as one line, for the error under a dialog's field. */
export const refusalLine = (error: TocsinError): string =>
  [error.message, whoCan(error)].filter(Boolean).join(' ')

function whoCan({ kind, detail }: TocsinError): string | undefined {
  if (kind !== 'denied' || !detail.permission) return undefined
  const names = (detail.holders ?? []).map(({ name, why }) => `${name} (${why})`)
  return names.length ? `${listed(names)} can.` : 'Nobody here has it yet: an administrator can give it.'
}

/** A schema speaks of a field alone (`priority must be …`): the reader hears first that nothing happened. */
const wholeSentence = ({ kind, message, detail }: TocsinError): string =>
  kind === 'invalid_input' && detail.field && message.startsWith(detail.field)
    ? `Nothing was done: ${message}`
    : message

const between = (spans: Span[]): Span[] => spans.flatMap((span, index) => (index ? [' · ', span] : [span]))

const listed = (names: string[]) =>
  names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : names.join()

/** A fault of ours: what was not done, that nothing was, what to try. */
export const faultCard = (): Card => ({
  summary: 'That was not done: Tocsin could not finish it.',
  blocks: [
    {
      type: 'text',
      text: 'That was not done: Tocsin could not finish it. Nothing was changed. Try it again in a minute; if it happens again, tell an administrator.',
    },
  ],
})

/** A polite word to whoever has no role here. */
export function strangerCard(reason: 'guest' | 'bot' | 'foreign' | 'deactivated' | 'unknown'): Card {
  const why = {
    guest: 'Guests cannot work incidents here.',
    bot: 'Bots cannot work incidents here.',
    foreign: 'People from another organisation cannot work incidents here.',
    deactivated: 'Your access here has ended.',
    unknown: 'This workspace does not know you yet.',
  }[reason]
  const text = `${why} An administrator of this workspace can help.`
  return { summary: text, blocks: [{ type: 'text', text }] }
}
