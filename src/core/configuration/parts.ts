import { z } from 'zod'
import { cleanText } from '../clean-text.ts'

/** Schemas that several sections of the file share. */

export const words = (max: number) =>
  z
    .string('must be text')
    .transform((text) => cleanText(text).replaceAll(/\s+/g, ' ').trim())
    .pipe(z.string().min(1, 'must not be empty').max(max, `must be at most ${max} characters`))

export const channelId = z
  .string('must be text')
  .trim()
  .min(1, 'must not be empty')
  .max(200)
  .regex(/^[^#\s]\S*$/, 'must be the channel’s id, not its name')

/** One place on each platform: `slack` and `teams` together are two channels. */
export const place = z
  .strictObject({ slack: channelId.optional(), teams: channelId.optional(), console: z.string().optional() })
  .refine((where) => where.slack || where.teams || where.console, 'must name a channel: slack or teams')
