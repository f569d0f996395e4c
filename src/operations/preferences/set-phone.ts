import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import { defineOperation } from '../define.ts'
import { allAs } from '../incident/verb-parts.ts'
import { changePreferences } from './change.ts'

export const setPhone = defineOperation({
  name: 'set_phone',
  summary: 'Set the telephone number that text messages go to.',
  input: z.strictObject({ phone: line(60).describe('with its country, or none') }),
  permission: undefined,
  effect: 'write',
  undone: 'Nothing was set',
  tool: false,
  verb: {
    words: ['preferences', 'phone'],
    usage: 'preferences phone +441632960000|none',
    parse: allAs('phone'),
  },
  run: (scope, { phone }) => changePreferences(scope, 'set_phone', undefined, { phone }),
})
