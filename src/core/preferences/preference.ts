/**
 * How people want to be told. Glossary: an *urgency* is `high` (somebody is needed) or `low` (something to know); a
 * *way* is a route and how long after the first word it is taken; *quiet hours* are a stretch of the person's day.
 */

export type Urgency = 'high' | 'low'
export const urgencies = ['high', 'low'] as const satisfies Urgency[]

/** `chat`: the chat where they were last seen. Any other name than these is a webhook's. */
export const ownRoutes = ['chat', 'slack', 'teams', 'console', 'email', 'sms'] as const

export type Way = { route: string; afterSeconds: number }

/** Local times of day, `22:00`; across midnight where `to` is earlier. The same twice: none. */
export type QuietHours = { from: string; to: string }

/** As stored. What is absent or null is the organisation's to say, and then the defaults'. */
export type Preferences = {
  high?: Way[] | null
  low?: Way[] | null
  quietHours?: QuietHours | null
}

export const defaults: Record<Urgency, Way[]> = {
  high: [
    { route: 'chat', afterSeconds: 0 },
    { route: 'sms', afterSeconds: 60 },
    { route: 'email', afterSeconds: 120 },
  ],
  low: [{ route: 'chat', afterSeconds: 0 }],
}

/** A person's own word goes before the organisation's. */
export const waysFor = (urgency: Urgency, own: Preferences, organisation: Preferences): Way[] =>
  own[urgency] ?? organisation[urgency] ?? defaults[urgency]

export const quietHoursOf = (own: Preferences, organisation: Preferences): QuietHours | undefined => {
  const quiet = own.quietHours ?? organisation.quietHours
  return quiet && quiet.from !== quiet.to ? quiet : undefined
}

/**
 * What is left of a list when some of its ways do not exist, earliest first. All delays are shortened by the same
 * time, so that the first way that is left has the smallest delay of the whole list: nobody waits for a way that is
 * not there, and the gaps between the others stay.
 */
export function remaining<T extends { afterSeconds: number }>(ways: Way[], existing: T[]): T[] {
  if (!existing.length) return []
  const sorted = existing.toSorted((a, b) => a.afterSeconds - b.afterSeconds)
  const smallest = Math.min(...ways.map((way) => way.afterSeconds))
  const shift = sorted[0]!.afterSeconds - smallest
  return sorted.map((way) => ({ ...way, afterSeconds: way.afterSeconds - shift }))
}
