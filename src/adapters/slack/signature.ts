import { createHmac, timingSafeEqual } from 'node:crypto'

/** docs.slack.dev/authentication/verifying-requests-from-slack: five minutes; our own clock may be 60 s slow. */
const oldestSeconds = 300
const newestSeconds = 60

/** Checked before the body is read: a replay costs nothing. */
export const timely = (timestamp: string | undefined, nowMs = Date.now()): timestamp is string => {
  if (!timestamp || !/^\d{1,12}$/.test(timestamp)) return false
  const age = nowMs / 1000 - Number(timestamp)
  return age <= oldestSeconds && age >= -newestSeconds
}

export const sign = (secret: string, timestamp: string, body: Buffer | string): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')}`

/** Over the raw bytes, in constant time. */
export const signed = (
  secret: string,
  timestamp: string,
  body: Buffer,
  signature: string | undefined,
): boolean => {
  const given = Buffer.from(signature ?? '')
  const ours = Buffer.from(sign(secret, timestamp, body))
  return given.length === ours.length && timingSafeEqual(given, ours)
}
