/** Preferences as people write them: `chat 0s, sms 1m, email 2m`, `22:00-07:00`, `+44 1632 960000`. */
import { invalidInput } from '../../errors.ts'
import { readDuration, writeDuration } from '../duration.ts'
import { ownRoutes, type QuietHours, type Way } from './preference.ts'

/** More ways than there are carriers are a mistake; whoever answers after a day was not woken by it. */
const mostWays = 8
const longestSeconds = 86_400

const usage = 'chat 0s, sms 1m, email 2m'
const otherWords: Record<string, string> = { mail: 'email', 'e-mail': 'email', text: 'sms', phone: 'sms' }

/**
 * A list of routes, each with the delay behind it; one without has none. A webhook whose name has spaces stands in
 * quotes.
 * @param webhooks the names there are.
 * @throws TocsinError invalid_input with `field`.
 */
export function readWays(text: string, webhooks: string[], field?: string): Way[] {
  const refuse = (why: string) => invalidInput(`${why} Write it like this: ${usage}.`, { field })
  const ways: Way[] = []
  let delayed = true
  for (const word of wordsOf(text)) {
    const afterSeconds = readDuration(word)
    if (afterSeconds === undefined) {
      ways.push({ route: routeOf(word, webhooks, refuse), afterSeconds: 0 })
      delayed = false
      continue
    }
    if (delayed) throw refuse(`${word} stands behind no route.`)
    if (afterSeconds > longestSeconds) throw refuse('A delay may be one day at most.')
    ways.at(-1)!.afterSeconds = afterSeconds
    delayed = true
  }
  if (!ways.length) throw refuse('There is no route.')
  if (ways.length > mostWays) throw refuse(`There may be ${mostWays} routes at most.`)
  const twice = ways.find((way, index) => ways.findIndex(({ route }) => route === way.route) < index)
  if (twice) throw refuse(`${twice.route} is there twice.`)
  return ways
}

function routeOf(word: string, webhooks: string[], refuse: (why: string) => Error): string {
  const name = word.toLowerCase()
  const own = otherWords[name] ?? name
  if ((ownRoutes as readonly string[]).includes(own)) return own
  const webhook = webhooks.find((each) => each.toLowerCase() === name)
  if (webhook) return webhook
  throw refuse(
    `There is no route ${word.slice(0, 40)}: there are ${[...ownRoutes, ...webhooks].slice(0, 20).join(', ')}.`,
  )
}

const wordsOf = (text: string): string[] =>
  [...text.matchAll(/"([^"]*)"|([^\s,;]+)/g)].map((match) => match[1] ?? match[2]!)

export const writeWays = (ways: Way[]): string =>
  ways
    .map(
      ({ route, afterSeconds }) =>
        `${/\s/.test(route) ? `"${route}"` : route} ${writeDuration(afterSeconds)}`,
    )
    .join(', ')

/**
 * `22:00-07:00`, also with `to` between. `off` is the same time twice, which is no time at all.
 * @throws TocsinError invalid_input with `field`.
 */
export function readQuietHours(text: string, field?: string): QuietHours {
  if (/^(off|none)$/i.test(text.trim())) return { from: '00:00', to: '00:00' }
  const [, from, to] = /^(\d{1,2}:\d{2})\s*(?:-|–|to)\s*(\d{1,2}:\d{2})$/i.exec(text.trim()) ?? []
  const clock = (written = '') => written.padStart(5, '0')
  if (!isClock(clock(from)) || !isClock(clock(to))) {
    throw invalidInput('Quiet hours must be such as 22:00-07:00, or off.', { field })
  }
  return { from: clock(from), to: clock(to) }
}

const isClock = (text: string): boolean => /^([01]\d|2[0-3]):[0-5]\d$/.test(text)

/**
 * In the international form, without spaces and signs.
 * @throws TocsinError invalid_input with `field`.
 */
export function readPhone(text: string, field?: string): string {
  const digits = text.replaceAll(/[\s()./-]/g, '')
  if (/^\+[1-9]\d{6,14}$/.test(digits)) return digits
  throw invalidInput('A telephone number must be such as +441632960000, with its country.', { field })
}
