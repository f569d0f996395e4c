/** When, as it is typed: a local time, one with a Z, or a date. */
const when = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?Z?)?$/i
/** "who broke it", "who is that": sentences for the agent, not names. */
const sentence =
  /^(is|are|was|were|am|will|would|can|could|should|has|have|had|do|does|did|to|the|on|in|at|of|from|else|broke|caused|owns?|knows?|made|said|works?|changed|fixed|deployed|reported|acknowledged)\b/i
const question =
  /^(?:is|are|was) on[- ]?call(?:\s+(?:for|in|at)\s+(?:the\s+)?(.+?))?(?:\s+(?:right )?now)?\s*\?*$/i
/** Words that make what follows "for" more than a name. */
const more =
  /\b(tomorrow|tonight|today|yesterday|next|this|on|at|when|and|during|after|before|until|week|weekend)\b/i

/**
 * `[SCHEDULE|TEAM] [WHEN]`; and the plain question "who is on call for payments?", so that it is answered without a
 * model too.
 */
export function parseOnCall(rest: string): { of?: string; at?: string } | undefined {
  const text = rest.trim()
  if (text.length > 160) return undefined
  const asked = question.exec(text)
  if (asked) {
    const of = asked[1]?.replace(/\s+team$/i, '')
    if (!of) return {}
    return more.test(of) ? undefined : { of }
  }
  const words = text.split(/\s+/).filter(Boolean)
  const at = when.test(words.at(-1) ?? '') ? words.pop()!.toUpperCase() : undefined
  const of = words.join(' ').replace(/^(for|in)\s+/i, '')
  const quoted = /^["“][^"“”]+["”]$/.test(of)
  if (of && !quoted && (words.length > 3 || sentence.test(of) || /[?!.]$/.test(of))) return undefined
  return { ...(of && { of }), ...(at && { at }) }
}
