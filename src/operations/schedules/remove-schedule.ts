import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import { livePolicies } from '../../core/policies/load.ts'
import { namesSchedule } from '../../core/policies/policy.ts'
import { nameOf } from '../../core/schedules/load.ts'
import { layerWords } from '../../core/schedules/words.ts'
import { conflict } from '../../errors.ts'
import { defineOperation } from '../define.ts'
import { said } from '../people/target.ts'
import { joined, tokens } from '../people/words.ts'
import { managedSchedule, managePermission } from './manage.ts'

export const removeSchedule = defineOperation({
  name: 'remove_schedule',
  summary: 'Remove a schedule with its layers, covers and calendar links.',
  input: z.strictObject({ schedule: line(120) }),
  permission: managePermission,
  effect: 'write',
  undone: 'The schedule was not removed',
  tool: false,
  verb: {
    words: ['schedules', 'remove'],
    usage: 'schedules remove SCHEDULE',
    parse: (rest) => ({ schedule: joined(tokens(rest)) }),
  },
  run: async (scope, { schedule: words }) => {
    const { tx, orgId } = scope
    const { id, name, timeZone, team, written, ...schedule } = await managedSchedule(scope, words)
    const paging = (await livePolicies(tx, orgId)).filter((policy) => namesSchedule(policy, id))
    if (paging.length) {
      const names = paging.map((policy) => policy.name).join(', ')
      throw conflict(
        `${name} was not removed: ${paging.length > 1 ? 'the policies' : 'the policy'} ${names} would page nobody in its place. Change that first: policies show ${names.split(', ')[0]}`,
      )
    }
    await tx.deleteFrom('schedules').where('org_id', '=', orgId).where('id', '=', id).execute()
    const layers = written.map((layer) => layerWords(layer, (person) => nameOf(schedule, person)))
    const old = { schedule: name, time_zone: timeZone, team, layers }
    await scope.audit({ operation: 'remove_schedule', subject: name, old })
    return said(`Schedule ${name} is gone, with its covers and calendar links.`, ['view_incident'])
  },
})
