import type { Permission } from '../../core/permissions.ts'
import { findSchedule } from '../../core/schedules/find.ts'
import { loadSchedules, type StoredSchedule } from '../../core/schedules/load.ts'
import { day } from '../../core/schedules/zone.ts'
import { conflict } from '../../errors.ts'
import type { Scope } from '../define.ts'

/**
 * Administrators, by manage_policies; or manage_schedule for the schedule's team, which is known once it has been
 * looked up: whoever has it for own teams only is asked again in `requireManage`.
 */
export const managePermission = {
  anyOf: ['manage_schedule', 'manage_policies'] satisfies Permission[],
  needed: ({ standing }: Scope): Permission => {
    if (standing.holdings.has('manage_policies')) return 'manage_policies'
    return standing.holdings.has('manage_schedule') ? 'view_incident' : 'manage_schedule'
  },
}

export async function requireManage(scope: Scope, teamId: string | null): Promise<void> {
  if (scope.standing.holdings.has('manage_policies')) return
  await scope.require('manage_schedule', teamId)
}

/** How far covers reach, and are looked for: a little over a year. */
export const farthest = 400 * day

/** The schedule that somebody named, locked where it is to be changed. */
export async function namedSchedule(scope: Scope, words: string, locked = false): Promise<StoredSchedule> {
  const { tx, orgId, now } = scope
  const id = await findSchedule(tx, orgId, words)
  const around = { from: new Date(now.getTime() - farthest), until: new Date(now.getTime() + farthest) }
  const [found] = await loadSchedules(tx, orgId, around, { ids: [id] }, locked)
  return found!
}

/** The schedule for a change of what it is; what the configuration file sets is changed there. */
export async function managedSchedule(scope: Scope, words: string): Promise<StoredSchedule> {
  const schedule = await namedSchedule(scope, words, true)
  await requireManage(scope, schedule.teamId)
  if (schedule.fromFile) {
    throw conflict(
      `${schedule.name} was not changed: the configuration file sets it. Change it there and apply the file.`,
    )
  }
  return schedule
}

/** As it is typed in a verb: quoted where it is several words. */
export const typedName = (name: string): string => (/\s/.test(name) ? `"${name}"` : name)
