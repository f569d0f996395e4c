import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import { defineOperation } from '../define.ts'
import { allAs } from '../incident/verb-parts.ts'
import { changePreferences } from './change.ts'

export const setTimeZone = defineOperation({
  name: 'set_time_zone',
  summary: 'Set the time zone that your quiet hours go by.',
  input: z.strictObject({ zone: line(60).describe('such as Europe/London, or none') }),
  permission: undefined,
  effect: 'write',
  undone: 'Nothing was set',
  tool: false,
  verb: {
    words: ['preferences', 'zone'],
    usage: 'preferences zone Europe/London|none',
    parse: allAs('zone'),
  },
  run: (scope, { zone }) => changePreferences(scope, 'set_time_zone', undefined, { zone }),
})
