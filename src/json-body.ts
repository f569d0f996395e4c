export type JsonBody = Record<string, unknown>
export type DecodedJson = { ok: true; body: JsonBody } | { ok: false; status: 400; reason: string }

/** The platforms' own payloads nest about fifteen deep; Postgres and JSON.stringify fail on thousands. */
const maxDepth = 60

const unusable = (reason: string): DecodedJson => ({ ok: false, status: 400, reason })

const tooDeep = (json: string): boolean => {
  let depth = 0
  let inString = false
  for (let i = 0; i < json.length; i += 1) {
    const char = json.charCodeAt(i)
    if (inString) {
      if (char === 92 /* \ */) i += 1
      else if (char === 34 /* " */) inString = false
    } else if (char === 34) inString = true
    else if (char === 123 || char === 91) {
      depth += 1
      if (depth > maxDepth) return true
    } else if (char === 125 || char === 93) depth -= 1
  }
  return false
}

/** A JSON object, and nothing else. */
export const decodeJson = (json: string): DecodedJson => {
  if (tooDeep(json)) return unusable('The body is nested too deep.')
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return unusable('The body is not JSON.')
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? { ok: true, body: value as JsonBody } : unusable('The body is not a JSON object.')
}
