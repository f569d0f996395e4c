/** What became of messages, and what is asked for: short, for a card's line. */

import { durationWords } from '../core/duration.ts'
import type { Part, PartData, SendStatus } from '../core/outcome.ts'
import type { Span } from './card.ts'

type Of<K extends Part['kind']> = Extract<PartData, { kind: K }>

export const reminderSentence = ({ key, silentSeconds }: Of<'reminder'>): string =>
  `${key} has had no update for ${durationWords(silentSeconds)}. Post one: note ${key} …`

export const reminderText = (reminder: Of<'reminder'>): Span[] => {
  const { person } = reminder
  const call: Span[] = person ? [{ type: 'person', ...person, ping: true }, ' '] : []
  return [...call, reminderSentence(reminder)]
}

/** `Paged  Ida Torres: chat sent 14:02, sms at 14:03 · Maya Okafor: chat dead (channel_not_found)` */
export function deliveriesText({ title, rows }: Of<'deliveries'>): Span[] {
  const paged = title === 'Paged'
  const of = ({ to, sends }: (typeof rows)[number]): Span[] => [
    paged ? `${to}: ` : `${to} `,
    ...joined(
      sends.map((send) => (paged ? pagedWords(send) : channelWords(send))),
      ', ',
    ),
  ]
  return [...(paged ? ['Paged  '] : []), ...joined(rows.map(of), ' · ')]
}

const joined = (all: Span[][], between: string): Span[] =>
  all.flatMap((spans, index) => (index ? [between, ...spans] : spans))

const time = (at: string): Span => ({ type: 'time', at, style: 'clock' })

function pagedWords({ route, state, at, reason }: SendStatus): Span[] {
  switch (state) {
    case 'waiting':
      return [`${route} at `, time(at)]
    case 'failed':
      return [`${route} failed (${reason}), tried again`]
    case 'dead':
      return [`${route} dead (${reason})`]
    case 'sent':
      return [`${route} sent `, time(at)]
    case 'queued':
    case 'throttled':
    case 'withdrawn':
      return [`${route} ${state}`]
  }
}

/** `dead: channel_not_found`, `throttled: 3 wait, the oldest for 40 s` */
function channelWords({ state, at, reason, waiting = 1, oldestSeconds = 0 }: SendStatus): Span[] {
  if (state === 'dead') return [`dead: ${reason}, `, time(at)]
  const wait = `${waiting === 1 ? '1 waits' : `${waiting} wait`}, the oldest for ${durationWords(oldestSeconds)}`
  return [state === 'failed' ? `failed: ${reason}, tried again; ${wait}` : `${state}: ${wait}`]
}
