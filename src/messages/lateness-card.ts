/** What the watchdog says where an incident is worked on: what is late, why, and what to do about it. */

import { durationWords } from '../core/duration.ts'
import type { LateRows } from '../core/lateness.ts'
import { safeReason } from '../core/safe-reason.ts'
import type { Card } from './card.ts'

/** How its readers know each platform. */
export const platformNames: Record<string, string> = {
  slack: 'Slack',
  teams: 'Teams',
  console: 'The console',
  email: 'E-mail',
  sms: 'SMS',
  webhook: 'A webhook',
}

export type LatenessFacts = {
  /** The incident's key, or how many incidents. */
  name: string
  late: LateRows
  platformOf: (workspaceId: string) => string | undefined
  /** Steps or pages of any incident are late. */
  pagesLate: boolean
}

export function latenessCard({ name, late, platformOf, pagesLate }: LatenessFacts): Card {
  const own = late.steps.length > 0 || late.deliveries.some(({ isPage }) => isPage)
  const cause = causeOf(late, platformOf)
  const sentences = [
    ...(own || !cause.waiting ? [headOf(late)] : []),
    cause.words,
    ...(own ? ['Do not wait for it: call whoever is needed.'] : []),
    ...(pagesLate ? [] : ['Pages are not affected.']),
  ]
  const text = `${name}: ${sentences.join(' ')}`
  return { summary: text, blocks: [{ type: 'text', text }] }
}

/** `7 incidents (INC-001, INC-002, INC-003 and 4 more)` */
export function incidentsWords(keys: string[], count: number): string {
  const shown = keys.slice(0, 3)
  const more = count - shown.length
  const names = [shown.join(', '), ...(more > 0 && shown.length ? [`and ${more} more`] : [])].join(' ')
  return names ? `${count} incidents (${names})` : `${count} incidents`
}

export const onTimeCard = (name: string): Card => {
  const text = `${name}: nothing is late any more.`
  return { summary: text, blocks: [{ type: 'text', text }] }
}

const longest = (late: { lateSeconds: number }[]) =>
  durationWords(Math.max(...late.map(({ lateSeconds }) => lateSeconds)))

function headOf({ steps, deliveries }: LateRows): string {
  const pages = deliveries.filter(({ isPage }) => isPage)
  if (steps.length > 1) return `${steps.length} pages are late, the oldest by ${longest(steps)}.`
  if (steps.length) return `the next page is ${longest(steps)} late.`
  if (pages.length === 1) return `a page is ${longest(pages)} late.`
  if (pages.length) return `${pages.length} pages are late, the oldest by ${longest(pages)}.`
  if (deliveries.length === 1) return `a message is ${longest(deliveries)} late.`
  return `${deliveries.length} messages are late, the oldest by ${longest(deliveries)}.`
}

/** `waiting`: it says itself how many wait, and for how long. */
function causeOf(
  { steps, deliveries }: LateRows,
  platformOf: LatenessFacts['platformOf'],
): { words: string; waiting?: boolean } {
  const pages = deliveries.filter(({ isPage }) => isPage)
  const concerned = pages.length ? pages : deliveries
  const nameOf = ({ workspaceId }: { workspaceId: string }) =>
    platformNames[platformOf(workspaceId) ?? ''] ?? 'The platform'
  const throttled = concerned.filter((delivery) => delivery.throttled)
  const failing = concerned.filter((delivery) => delivery.attempts > 0 && delivery.error)
  if (!steps.length && throttled.length) {
    const wait = throttled.length === 1 ? '1 message waits' : `${throttled.length} messages wait`
    return {
      words: `${nameOf(throttled[0]!)} is slowing us down: ${wait}, the oldest for ${longest(throttled)}.`,
      waiting: true,
    }
  }
  if (!steps.length && failing.length) {
    const reason = safeReason(failing[0]!.error)
    return { words: `${nameOf(failing[0]!)} does not take it (${reason}); Tocsin keeps trying.` }
  }
  return { words: 'Tocsin is behind with its own work; whoever runs it must look.' }
}
