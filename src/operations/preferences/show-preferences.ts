import { z } from 'zod'
import { plain } from '../../core/labels.ts'
import { defineOperation } from '../define.ts'
import { preferencesOf } from './view.ts'

export const showPreferences = defineOperation({
  name: 'show_preferences',
  summary: 'Show how you are told of pages and news: by which routes, after how long, and your quiet hours.',
  input: z.strictObject({}),
  permission: undefined,
  effect: 'read',
  verb: { words: ['preferences'], usage: 'preferences', parse: (rest) => (rest === '' ? {} : undefined) },
  run: async (scope) => ({ parts: await preferencesOf(scope, scope.actor.personId, plain) }),
})
