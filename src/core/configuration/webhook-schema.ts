import { z } from 'zod'
import { eventWishes } from '../webhooks/event-names.ts'
import { words } from './parts.ts'

/**
 * A program that is told what happens. Its secret is `whsec_` and the key in base64, as receivers of Standard Webhooks
 * write it, or any other text, whose UTF-8 bytes are the key then.
 */
export const webhook = z.strictObject({
  name: words(60),
  url: z
    .string('must be text')
    .trim()
    .max(2_000, 'must be at most 2000 characters')
    .refine(isWebAddress, 'must be an http or https address'),
  secret: z
    .string('must be text')
    .trim()
    .min(1, 'must not be empty')
    .max(500, 'must be at most 500 characters'),
  events: z.array(z.enum(eventWishes)).default([]),
})

function isWebAddress(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url?.protocol === 'http:' || url?.protocol === 'https:'
}
