import { sql } from 'kysely'
import { readDuration } from '../duration.ts'
import { ownRoutes, type Preferences, type Way } from '../preferences/preference.ts'
import { writeWays } from '../preferences/written.ts'
import type { Configuration } from './schema.ts'
import { canonical, type Planning, type Step } from './step.ts'

/** How people are told who have not said it themselves. Without the section the defaults hold. */
export async function planPreferences({ tx, orgId, file }: Planning): Promise<Step[]> {
  const { settings } = await tx
    .selectFrom('organizations')
    .select('settings')
    .where('org_id', '=', orgId)
    .executeTakeFirstOrThrow()
  const stored = (settings as { preferences?: Preferences }).preferences
  const wanted = file.preferences && asStored(file.preferences)
  if (canonical(stored) === canonical(wanted)) return []
  return [
    {
      section: 'preferences',
      action: wanted ? (stored ? 'change' : 'add') : 'remove',
      subject: 'for people who set none',
      ...(stored && { old: shown(stored, wanted) }),
      ...(wanted && { new: shown(wanted, stored) }),
      run: () =>
        tx
          .updateTable('organizations')
          .set({
            settings: wanted
              ? sql`jsonb_set(settings, '{preferences}', ${JSON.stringify(wanted)}::jsonb)`
              : sql`settings - 'preferences'`,
          })
          .where('org_id', '=', orgId)
          .execute(),
    },
  ]
}

function asStored({ high, low, quiet_hours }: NonNullable<Configuration['preferences']>): Preferences {
  return {
    ...(high && { high: high.map(wayOf) }),
    ...(low && { low: low.map(wayOf) }),
    ...(quiet_hours && { quietHours: quiet_hours }),
  }
}

/** The routes of our own are known whatever their case; a webhook is found by its name whatever its. */
const wayOf = ({ route, after }: { route: string; after: string }): Way => {
  const own = ownRoutes.find((each) => each === route.toLowerCase())
  return { route: own ?? route, afterSeconds: readDuration(after)! }
}

/** In words, what `other` says otherwise. */
function shown(preferences: Preferences, other: Preferences | undefined): Record<string, string> {
  const [own, others] = [inWords(preferences), other && inWords(other)]
  return Object.fromEntries(Object.entries(own).filter(([name, value]) => others?.[name] !== value))
}

const inWords = ({ high, low, quietHours }: Preferences): Record<string, string> => ({
  ...(high && { high: writeWays(high) }),
  ...(low && { low: writeWays(low) }),
  ...(quietHours && { quiet_hours: `${quietHours.from}-${quietHours.to}` }),
})
