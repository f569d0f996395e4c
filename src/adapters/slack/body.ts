import { isUtf8 } from 'node:buffer'
import { type DecodedJson, decodeJson, type JsonBody } from '../../json-body.ts'

export type Body = JsonBody
export type Decoded = DecodedJson | { ok: false; status: 415; reason: string }

const maxFields = 100

const unusable = (reason: string): Decoded => ({ ok: false, status: 400, reason })

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
  return typeof body.payload === 'string' ? decodeJson(body.payload) : { ok: true, body: { ...body } }
}

/** Commands come as a form, interactions as a form whose `payload` is JSON, events as JSON. */
export const decode = (raw: Buffer, contentType: string | undefined): Decoded => {
  if (!isUtf8(raw)) return unusable('The body is not valid UTF-8.')
  if (contentType?.startsWith('application/x-www-form-urlencoded')) return fromForm(raw.toString('utf8'))
  if (contentType?.startsWith('application/json')) return decodeJson(raw.toString('utf8'))
  return { ok: false, status: 415, reason: 'The content type is neither a form nor JSON.' }
}
