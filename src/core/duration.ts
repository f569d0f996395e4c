/** Lengths of time as people write and read them. */

const seconds = { s: 1, m: 60, h: 3600, d: 86_400 } as const
type Unit = keyof typeof seconds

/** Nothing waits longer than a year. */
const longest = 366 * seconds.d

/** `45s`, `5m`, `2h`, `1d`, or with the unit in words (`30 min`), in seconds; undefined for anything else. */
export function readDuration(text: string): number | undefined {
  const [, count, unit] =
    /^(\d{1,8})\s*(s|m|h|d|sec(?:ond)?s?|min(?:ute)?s?|hours?|days?)$/i.exec(text.trim()) ?? []
  if (!count || !unit) return undefined
  const total = Number(count) * seconds[unit[0]!.toLowerCase() as Unit]
  return total <= longest ? total : undefined
}

/** In the largest unit that says it exactly; nothing is `0s`. */
export function writeDuration(total: number): string {
  const unit = (['d', 'h', 'm'] as const).find((each) => total > 0 && total % seconds[each] === 0) ?? 's'
  return `${total / seconds[unit]}${unit}`
}

/** `40 s`, `5 min`, `2 h 10 min`, `3 d`: rounded as people say it. */
export function durationWords(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 90) return `${whole} s`
  const minutes = Math.round(whole / 60)
  if (minutes < 90) return `${minutes} min`
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60]
  if (hours < 48) return rest ? `${hours} h ${rest} min` : `${hours} h`
  return `${Math.round(hours / 24)} d`
}
