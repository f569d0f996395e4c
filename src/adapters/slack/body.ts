import { isUtf8 } from 'node:buffer'

export type Body = Record<string, unknown>
export type Decoded = { ok: true; body: Body } | { ok: false; status: 400 | 415; reason: string }

/** Slack's own payloads nest about fifteen deep; Postgres and JSON.stringify fail on thousands. */
const maxDepth = 60
const maxFields = 100

const unusable = (reason: string): Decoded => ({ ok: false, status: 400, reason })

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

const fromJson = (json: string): Decoded => {
  if (tooDeep(json)) return unusable('The body is nested too deep.')
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return unusable('The body is not JSON.')
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? { ok: true, body: value as Body } : unusable('The body is not a JSON object.')
}

const word = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '))

const fromForm = (form: string): Decoded => {
  const pairs = form.split('&', maxFields + 1)
  if (pairs.length > maxFields) return unusable('The form has too many fields.')
  const body: Body = Object.create(null) as Body
  try {
    for (const pair of pairs) {
      const equals = pair.indexOf('=')
      const name = word(equals < 0 ? pair : pair.slice(0, equals))
      if (name in body) return unusable('The form names a field twice.')
      body[name] = equals < 0 ? '' : word(pair.slice(equals + 1))
    }
  } catch {
    return unusable('The form is not valid UTF-8.')
  }
  return typeof body.payload === 'string' ? fromJson(body.payload) : { ok: true, body: { ...body } }
}

/** Commands come as a form, interactions as a form whose `payload` is JSON, events as JSON. */
export const decode = (raw: Buffer, contentType: string | undefined): Decoded => {
  if (!isUtf8(raw)) return unusable('The body is not valid UTF-8.')
  if (contentType?.startsWith('application/x-www-form-urlencoded')) return fromForm(raw.toString('utf8'))
  if (contentType?.startsWith('application/json')) return fromJson(raw.toString('utf8'))
  return { ok: false, status: 415, reason: 'The content type is neither a form nor JSON.' }
}
