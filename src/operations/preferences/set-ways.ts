import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import type { Urgency } from '../../core/preferences/preference.ts'
import { defineOperation } from '../define.ts'
import { allAs } from '../incident/verb-parts.ts'
import { changePreferences } from './change.ts'

const about: Record<Urgency, string> = { high: 'pages', low: 'news' }

const defineSetWays = (urgency: Urgency) =>
  defineOperation({
    name: `set_${urgency}_preference`,
    summary: `Set by which routes you are told of ${about[urgency]}, each with its delay; what you type is the whole list.`,
    input: z.strictObject({ ways: line(400).describe('such as chat 0s, sms 1m, email 2m; or default') }),
    permission: undefined,
    effect: 'write',
    undone: 'Nothing was set',
    tool: false,
    verb: {
      words: ['preferences', urgency],
      usage: `preferences ${urgency} ROUTE AFTER [ROUTE AFTER …]|default`,
      parse: allAs('ways'),
    },
    run: (scope, { ways }) =>
      changePreferences(scope, `set_${urgency}_preference`, undefined, { [urgency]: ways }),
  })

export const setHighPreference = defineSetWays('high')
export const setLowPreference = defineSetWays('low')
