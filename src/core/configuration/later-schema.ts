import { z } from 'zod'
import { words } from './parts.ts'

/** The sections that later capabilities bring: checked for shape now, kept for them. */

export const duration = z
  .string('must be a duration such as 45s, 5m, 2h or 1d')
  .regex(/^\d{1,6}(s|m|h|d)$/, 'must be a duration such as 45s, 5m, 2h or 1d')

/** Where a service's logs, checks and restart are: each connector checks its own options when it comes. */
const connector = z.record(z.string(), z.unknown())
export const logs = connector
export const checks = z.array(z.looseObject({ name: words(60) }))
export const restart = connector
