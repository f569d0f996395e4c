import { loadOrganisation, loadRecipients } from '../core/preferences/load.ts'
import { quietHoursOf, waysFor } from '../core/preferences/preference.ts'
import { writeWays } from '../core/preferences/written.ts'
import type { OrgTx } from '../db/pool.ts'
import type { Form } from '../messages/card.ts'

/** What the dialog showed. */
type Before = Partial<Record<'high' | 'low' | 'quiet' | 'phone', string>>

/**
 * How somebody is told, in the same words that the verbs take. What the configuration file sets is not there.
 * @param ref how the submission names the person; undefined for the asker.
 */
export async function preferencesForm(
  { tx, orgId }: OrgTx,
  personId: string,
  ref: string | undefined,
): Promise<Form | undefined> {
  const organisation = await loadOrganisation(tx, orgId)
  const [person] = await loadRecipients(tx, orgId, [personId])
  if (!person) return undefined
  const ways = (urgency: 'high' | 'low') => writeWays(waysFor(urgency, person.own, organisation.preferences))
  const quiet = quietHoursOf(person.own, organisation.preferences)
  const before: Before = {
    high: ways('high'),
    low: ways('low'),
    quiet: quiet ? `${quiet.from}-${quiet.to}` : '',
    ...(!person.fileFields.includes('phone') && { phone: person.phone ?? '' }),
  }
  return {
    operation: 'set_preferences',
    title: ref ? 'How they are told' : 'How you are told',
    submit: 'Save',
    hidden: { person: ref, before },
    fields: [
      {
        name: 'high',
        label: 'High: pages',
        type: 'multiline',
        maxLength: 400,
        optional: true,
        hint: 'Routes, each with its delay: chat 0s, sms 1m, email 2m. Empty: the default',
        value: before.high,
      },
      {
        name: 'low',
        label: 'Low: news',
        type: 'multiline',
        maxLength: 400,
        optional: true,
        hint: 'The same for what you follow. Empty: the default',
        value: before.low,
      },
      {
        name: 'quiet',
        label: 'Quiet hours',
        type: 'text',
        maxLength: 60,
        optional: true,
        hint: 'Such as 22:00-07:00, or off; P1 pages come through. Empty: the default',
        value: before.quiet,
      },
      ...(before.phone === undefined
        ? []
        : [
            {
              name: 'phone',
              label: 'Telephone',
              type: 'text' as const,
              maxLength: 60,
              optional: true,
              hint: 'For text messages, with its country: +441632960000',
              value: before.phone,
            },
          ]),
    ],
  }
}

/**
 * Leaves in a submission what was changed: a list that stands in the dialog because it is the default does not become
 * the person's own by being sent back. An emptied field goes back to the default. `hidden` came through the client:
 * whose preferences they are, and whether the submitter may set them, is for the operation to check.
 */
export function keepChanged(input: Record<string, unknown>, hidden: Record<string, unknown>): void {
  const before = (hidden.before && typeof hidden.before === 'object' ? hidden.before : {}) as Before
  for (const field of ['high', 'low', 'quiet', 'phone'] as const) {
    if (before[field] === undefined) continue
    const value = input[field] ?? ''
    if (value === before[field]) delete input[field]
    else if (value === '') input[field] = 'default'
  }
  if (typeof hidden.person === 'string' && hidden.person) input.person = hidden.person
}
