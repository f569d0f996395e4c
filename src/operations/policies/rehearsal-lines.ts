import { writeDuration } from '../../core/duration.ts'
import { type Names, writtenStep, writtenTarget } from '../../core/policies/names.ts'
import { printStep, printTarget } from '../../core/policies/print-steps.ts'
import type { Rehearsal, Rehearsed, Told, Way } from '../../core/policies/rehearse.ts'
import { clock, time } from '../../core/schedules/words.ts'

type Clock = { zone: string; now: Date }

/** A line a step with its time and the people by name and way, then the further rounds and the end. */
export function rehearsalLines(
  { steps, rounds, end, nobody }: Rehearsal,
  names: Names,
  given: Clock,
): string[] {
  const moreRounds = rounds.map((at) => clockOf(at, given))
  const shown = moreRounds.slice(0, 3).join(', ')
  const left = moreRounds.length > 3 ? ` and ${moreRounds.length - 3} times more` : ''
  return [
    ...steps.map((step, index) => `${index + 1}. ${stepLine(step, names, given)}`),
    ...(rounds.length ? [`All of it again at ${shown}${left}`] : []),
    ...(nobody
      ? [`${clockOf(end, given)}: nobody answered, ${toldWords(nobody, names, given)}`]
      : [`${clockOf(end, given)}: nobody answered, the end`]),
  ]
}

function stepLine({ step, at, told }: Rehearsed, names: Names, given: Clock): string {
  const when = at.getTime() <= given.now.getTime() ? `now, ${clockOf(at, given)}` : clockOf(at, given)
  const acts = step.actions.length
    ? [printStep({ ...writtenStep(step, names), notify: [], afterSeconds: 0 }).replace(/^0s do /, '')]
    : []
  return [when, ...acts, ...told.map((each) => toldWords(each, names, given))].join(' · ')
}

function toldWords({ target, silent, people }: Told, names: Names, given: Clock): string {
  const name = printTarget(writtenTarget(target, names))
  if (silent) return `${name}: nothing, because it is private`
  if (target.type === 'channel' || target.type === 'webhook') return name
  const reached = people.map((person) => `${person.name} ${waysWords(person.ways, given)}`)
  return `${name}: ${reached.join(', ') || 'nobody'}`
}

const carriers: Record<Way['carrier'], string> = {
  slack: 'Slack',
  teams: 'Teams',
  console: 'the console',
  email: 'e-mail',
  sms: 'text message',
  webhook: 'webhook',
}

/** `by Slack, by text message after 1m`; what quiet hours put off has its time. */
const waysWords = (ways: Way[], given: Clock): string =>
  ways
    .map(({ carrier, afterSeconds, putOff }) => {
      if (!afterSeconds) return `by ${carriers[carrier]}`
      if (!putOff) return `by ${carriers[carrier]} after ${writeDuration(afterSeconds)}`
      const then = new Date(given.now.getTime() + afterSeconds * 1000)
      return `by ${carriers[carrier]} at ${clockOf(then, given)}, after quiet hours`
    })
    .join(', ') || 'has no way to be told'

const clockOf = (at: Date, { zone, now }: Clock): string =>
  Math.abs(at.getTime() - now.getTime()) < 12 * 3_600_000 ? clock(zone, at) : time(zone, at, now)
