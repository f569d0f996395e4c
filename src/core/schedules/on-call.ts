import type { Tx } from '../../db/pool.ts'
import { loadSchedules } from './load.ts'
import { shiftAt } from './schedule.ts'
import { day } from './zone.ts'

export type OnCall = {
  personId: string
  name: string
  /** When the next person or a gap comes; absent: not within 400 days. */
  until?: Date
}

/** As far as a hand-off is looked for. */
const ahead = 400 * day
const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * Who is on call in a schedule at an instant, for whoever pages them.
 * @param schedule its id, or its name whatever the case.
 * @returns undefined while nobody is, or when there is no such schedule.
 */
export async function onCallNow(
  tx: Tx,
  orgId: string,
  schedule: string,
  at: Date,
): Promise<OnCall | undefined> {
  const which = uuidForm.test(schedule) ? { ids: [schedule] } : { name: schedule.trim() }
  const until = new Date(at.getTime() + ahead)
  const [found] = await loadSchedules(tx, orgId, { from: at, until }, which)
  const current = found && shiftAt(found, at)
  if (!current?.person) return undefined
  return { personId: current.person, name: found!.names.get(current.person)!, until: current.to }
}
