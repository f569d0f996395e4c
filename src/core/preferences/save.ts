import type { Tx } from '../../db/pool.ts'
import type { Preferences } from './preference.ts'

/** Sets what `change` names, null included; the rest stays as it is. */
export async function savePreferences(
  tx: Tx,
  orgId: string,
  personId: string,
  { high, low, quietHours }: Preferences,
): Promise<void> {
  const json = (value: object | null) => value && JSON.stringify(value)
  const columns = {
    ...(high !== undefined && { high: json(high) }),
    ...(low !== undefined && { low: json(low) }),
    ...(quietHours !== undefined && { quiet_hours: json(quietHours) }),
  }
  if (!Object.keys(columns).length) return
  await tx
    .insertInto('preferences')
    .values({ high: null, low: null, quiet_hours: null, ...columns, org_id: orgId, person_id: personId })
    .onConflict((oc) => oc.columns(['org_id', 'person_id']).doUpdateSet(columns))
    .execute()
}
