import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import { defineOperation } from '../define.ts'
import { allAs } from '../incident/verb-parts.ts'
import { changePreferences } from './change.ts'

export const setQuietHours = defineOperation({
  name: 'set_quiet_hours',
  summary: 'Set the hours in which only P1 pages reach you.',
  input: z.strictObject({ quiet: line(60).describe('such as 22:00-07:00, off or default') }),
  permission: undefined,
  effect: 'write',
  undone: 'Nothing was set',
  tool: false,
  verb: {
    words: ['preferences', 'quiet'],
    usage: 'preferences quiet HH:MM-HH:MM|off|default',
    parse: allAs('quiet'),
  },
  run: (scope, { quiet }) => changePreferences(scope, 'set_quiet_hours', undefined, { quiet }),
})
