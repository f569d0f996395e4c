import { tellPeople } from '../../core/announce.ts'
import { plain } from '../../core/labels.ts'
import type { Outcome } from '../../core/outcome.ts'
import { loadOrganisation, loadRecipients, type Recipient } from '../../core/preferences/load.ts'
import { type Preferences, urgencies } from '../../core/preferences/preference.ts'
import { savePreferences } from '../../core/preferences/save.ts'
import { readPhone, readQuietHours, readWays, writeWays } from '../../core/preferences/written.ts'
import { isTimeZone } from '../../core/schedules/zone.ts'
import type { Tx } from '../../db/pool.ts'
import { invalidInput } from '../../errors.ts'
import type { Scope } from '../define.ts'
import { administratorsLabel, peopleLabel, refuseFileField, targetPerson } from '../people/target.ts'
import { masked, preferencesOf, waysWords } from './view.ts'

/** As people write them; `default` gives a field back to the organisation. */
export type Wanted = { high?: string; low?: string; quiet?: string; phone?: string; zone?: string }

/**
 * Changes how somebody is told: oneself, or (manage_people) anybody, who hears of it. What is not named stays.
 * @throws TocsinError invalid_input with the field; conflict when the configuration file sets it.
 */
export async function changePreferences(
  scope: Scope,
  operation: string,
  ref: string | undefined,
  wanted: Wanted,
): Promise<Outcome> {
  const { tx, orgId, actor } = scope
  const target = await targetPerson(scope, ref ?? 'me')
  const own = target.id === actor.personId
  if (!own) await scope.require('manage_people')
  const [before] = await loadRecipients(tx, orgId, [target.id])
  if (wanted.phone !== undefined) refuseFileField(target, 'phone', 'telephone number')
  if (wanted.zone !== undefined) refuseFileField(target, 'time_zone', 'time zone')
  const { webhooks } = await loadOrganisation(tx, orgId)
  const change = readWanted(wanted, Object.keys(webhooks))
  await savePreferences(tx, orgId, target.id, change)
  await saveContact(tx, orgId, target.id, change)
  const words = wordsOf(change)
  await scope.audit({
    operation,
    subject: target.name,
    old: wordsOf(oldOf(before!, change)),
    new: words,
    label: peopleLabel,
  })
  const said = Object.entries(words)
    .map(([name, value]) => `${name.replaceAll('_', ' ')} ${value}`)
    .join(' · ')
  if (!own) {
    await tellPeople(tx, orgId, [target.id], {
      parts: [
        {
          kind: 'sentence',
          label: plain,
          authors: [actor.personId],
          text: `${scope.standing.name} changed how you are told: ${said}. Type preferences to see it all.`,
        },
      ],
    })
  }
  const label = own ? plain : administratorsLabel
  return {
    parts: [
      { kind: 'sentence', label, authors: [target.id], text: `Set: ${said}.${replaced(change)}` },
      ...(await preferencesOf(scope, target.id, label)),
    ],
  }
}

type Change = Preferences & { phone?: string | null; zone?: string | null }

const isDefault = (text: string): boolean => /^default$/i.test(text.trim())
const isNone = (text: string): boolean => /^(default|none|off)$/i.test(text.trim())

function readWanted({ high, low, quiet, phone, zone }: Wanted, webhooks: string[]): Change {
  const ways = (text: string, field: string) => (isDefault(text) ? null : readWays(text, webhooks, field))
  return {
    ...(high !== undefined && { high: ways(high, 'high') }),
    ...(low !== undefined && { low: ways(low, 'low') }),
    ...(quiet !== undefined && { quietHours: isDefault(quiet) ? null : readQuietHours(quiet, 'quiet') }),
    ...(phone !== undefined && { phone: isNone(phone) ? null : readPhone(phone, 'phone') }),
    ...(zone !== undefined && { zone: isNone(zone) ? null : readZone(zone) }),
  }
}

function readZone(text: string): string {
  if (isTimeZone(text)) return text
  throw invalidInput('A time zone must be such as Europe/London.', { field: 'zone' })
}

async function saveContact(tx: Tx, orgId: string, personId: string, { phone, zone }: Change): Promise<void> {
  const columns = { ...(phone !== undefined && { phone }), ...(zone !== undefined && { time_zone: zone }) }
  if (!Object.keys(columns).length) return
  await tx.updateTable('people').set(columns).where('org_id', '=', orgId).where('id', '=', personId).execute()
}

/** The same fields as they were. */
const oldOf = (before: Recipient, change: Change): Change => ({
  ...('high' in change && { high: before.own.high ?? null }),
  ...('low' in change && { low: before.own.low ?? null }),
  ...('quietHours' in change && { quietHours: before.own.quietHours ?? null }),
  ...('phone' in change && { phone: before.phone }),
  ...('zone' in change && { zone: before.timeZone }),
})

/** A telephone number is nobody's to read in a log. */
const wordsOf = ({ high, low, quietHours, phone, zone }: Change): Record<string, string> => ({
  ...(high !== undefined && { high: high ? writeWays(high) : 'default' }),
  ...(low !== undefined && { low: low ? writeWays(low) : 'default' }),
  ...(quietHours !== undefined && { quiet_hours: hoursWords(quietHours) }),
  ...(phone !== undefined && { telephone: phone ? masked(phone) : 'none' }),
  ...(zone !== undefined && { time_zone: zone ?? 'none' }),
})

const hoursWords = (quiet: Preferences['quietHours']): string => {
  if (!quiet) return 'default'
  return quiet.from === quiet.to ? 'off' : `${quiet.from}-${quiet.to}`
}

/** Typed routes are the whole list: whoever types one must not think that the others stayed. */
function replaced(change: Change): string {
  const lists = urgencies.flatMap((urgency) => {
    const ways = change[urgency]
    return ways ? [`${urgency} is ${waysWords(ways)} and nothing else`] : []
  })
  return lists.length ? ` From now on ${lists.join('; ')}.` : ''
}
