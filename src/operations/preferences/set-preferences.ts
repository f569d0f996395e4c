import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import { defineOperation } from '../define.ts'
import { administratorsLabel, personRef, targetPerson } from '../people/target.ts'
import { changePreferences, type Wanted } from './change.ts'
import { preferencesOf } from './view.ts'

const fields = ['high', 'low', 'quiet', 'phone', 'zone'] as const
const ways = line(400).optional()

/** The dialog's operation, and the way to another person's preferences. */
export const setPreferences = defineOperation({
  name: 'set_preferences',
  summary: 'Set how you are told of pages and news, or (administrators) how somebody else is.',
  input: z.strictObject({
    person: personRef.optional().describe('absent for the asker'),
    high: ways.describe('routes of pages with their delays: chat 0s, sms 1m, email 2m; or default'),
    low: ways.describe('routes of news with their delays; or default'),
    quiet: line(60).optional().describe('quiet hours such as 22:00-07:00, off or default'),
    phone: line(60).optional().describe('a telephone number with its country, or none'),
    zone: line(60).optional().describe('a time zone such as Europe/London, or none'),
  }),
  permission: undefined,
  effect: 'write',
  undone: 'Nothing was set',
  button: 'Set',
  verb: {
    words: ['preferences', 'for'],
    usage: 'preferences for @user [high|low|quiet|phone|zone …]',
    parse: parseFor,
  },
  run: async (scope, { person, ...wanted }) => {
    if (fields.some((field) => wanted[field] !== undefined)) {
      return changePreferences(scope, 'set_preferences', person, wanted satisfies Wanted)
    }
    const target = await targetPerson(scope, person ?? 'me')
    if (target.id !== scope.actor.personId) await scope.require('manage_people')
    return { parts: await preferencesOf(scope, target.id, administratorsLabel) }
  },
})

/** `PERSON`, or `PERSON FIELD VALUE`: what stands before the first field's name is the person. */
function parseFor(rest: string): Record<string, unknown> | undefined {
  if (rest === '') return undefined
  const [, person, field, value] = /^(.+?)\s+(high|low|quiet|phone|zone)\s+(.+)$/is.exec(rest) ?? []
  return field ? { person, [field.toLowerCase()]: value } : { person: rest }
}
