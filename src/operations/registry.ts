import { exportAudit } from './admin/export-audit.ts'
import { searchAudit } from './admin/search-audit.ts'
import { showConfig } from './admin/show-config.ts'
import { verifyAudit } from './admin/verify-audit.ts'
import type { AnyOperation } from './define.ts'
import { defineHelp } from './help.ts'
import { acknowledge } from './incident/acknowledge.ts'
import { assign } from './incident/assign.ts'
import { cancel } from './incident/cancel.ts'
import { close } from './incident/close.ts'
import { comment } from './incident/comment.ts'
import { declare } from './incident/declare.ts'
import { escalate } from './incident/escalate.ts'
import { follow } from './incident/follow.ts'
import { handOff } from './incident/hand-off.ts'
import { invite } from './incident/invite.ts'
import { list } from './incident/list.ts'
import { merge } from './incident/merge.ts'
import { reopen } from './incident/reopen.ts'
import { resolve } from './incident/resolve.ts'
import { search } from './incident/search.ts'
import { setCategory } from './incident/set-category.ts'
import { setRole } from './incident/set-role.ts'
import { setTeam } from './incident/set-team.ts'
import { show } from './incident/show.ts'
import { snooze } from './incident/snooze.ts'
import { summarise } from './incident/summarise.ts'
import { take } from './incident/take.ts'
import { timeline } from './incident/timeline.ts'
import { unfollow } from './incident/unfollow.ts'
import { update } from './incident/update.ts'
import { updateBusinessImpact } from './incident/update-business-impact.ts'
import { updatePriority } from './incident/update-priority.ts'
import { updateServices } from './incident/update-services.ts'
import { updateStatus } from './incident/update-status.ts'
import { acknowledgePage } from './people/acknowledge-page.ts'
import { activatePerson } from './people/activate-person.ts'
import { addToTeam } from './people/add-to-team.ts'
import { createTeam } from './people/create-team.ts'
import { deactivatePerson } from './people/deactivate-person.ts'
import { findPeople } from './people/find-people.ts'
import { link } from './people/link.ts'
import { listTeams } from './people/list-teams.ts'
import { page } from './people/page.ts'
import { removeFromTeam } from './people/remove-from-team.ts'
import { setAdministrator } from './people/set-administrator.ts'
import { setDepartment } from './people/set-department.ts'
import { setRank } from './people/set-rank.ts'
import { whoami } from './people/whoami.ts'
import { listPolicies } from './policies/list-policies.ts'
import { removePolicy } from './policies/remove-policy.ts'
import { savePolicy } from './policies/save-policy.ts'
import { showPolicy } from './policies/show-policy.ts'
import { testPolicy } from './policies/test-policy.ts'
import { setPhone } from './preferences/set-phone.ts'
import { setPreferences } from './preferences/set-preferences.ts'
import { setQuietHours } from './preferences/set-quiet-hours.ts'
import { setTimeZone } from './preferences/set-time-zone.ts'
import { setHighPreference, setLowPreference } from './preferences/set-ways.ts'
import { showPreferences } from './preferences/show-preferences.ts'
import { addLayer } from './schedules/add-layer.ts'
import { coverShift } from './schedules/cover-shift.ts'
import { createSchedule } from './schedules/create-schedule.ts'
import { findOnCall } from './schedules/find-on-call.ts'
import { defineGiveCalendar } from './schedules/give-calendar.ts'
import { listSchedules } from './schedules/list-schedules.ts'
import { removeCover } from './schedules/remove-cover.ts'
import { removeLayer } from './schedules/remove-layer.ts'
import { removeSchedule } from './schedules/remove-schedule.ts'
import { showSchedule } from './schedules/show-schedule.ts'
import { shareAnswer } from './share-answer.ts'

/** Everything that can be done. Adding a capability is adding one file and one line here. */
export const registry: AnyOperation[] = [
  declare,
  list,
  search,
  show,
  acknowledge,
  escalate,
  snooze,
  take,
  assign,
  setRole,
  handOff,
  updateStatus,
  update,
  updatePriority,
  comment,
  follow,
  unfollow,
  invite,
  timeline,
  summarise,
  updateBusinessImpact,
  updateServices,
  setTeam,
  setCategory,
  resolve,
  close,
  reopen,
  cancel,
  merge,
  whoami,
  link,
  listTeams,
  createTeam,
  addToTeam,
  removeFromTeam,
  findPeople,
  setDepartment,
  setRank,
  setAdministrator,
  deactivatePerson,
  activatePerson,
  showConfig,
  searchAudit,
  verifyAudit,
  exportAudit,
  page,
  acknowledgePage,
  showPreferences,
  setHighPreference,
  setLowPreference,
  setQuietHours,
  setPhone,
  setTimeZone,
  setPreferences,
  findOnCall,
  listSchedules,
  showSchedule,
  coverShift,
  removeCover,
  createSchedule,
  addLayer,
  removeLayer,
  removeSchedule,
  defineGiveCalendar(''),
  listPolicies,
  showPolicy,
  savePolicy,
  removePolicy,
  testPolicy,
  shareAnswer,
  defineHelp(() => registry),
]

const byName = new Map(registry.map((operation) => [operation.name, operation]))
export const findOperation = (name: string): AnyOperation | undefined => byName.get(name)

/** The same, with what this installation's operations need to know: the base of the links that they make. */
export const registryFor = ({ publicUrl }: { publicUrl: string }): AnyOperation[] => {
  const own = defineGiveCalendar(publicUrl)
  return registry.map((operation) => (operation.name === own.name ? own : operation))
}
