import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import { nameOf } from '../../core/schedules/load.ts'
import { saveLayers } from '../../core/schedules/save.ts'
import { layerWords } from '../../core/schedules/words.ts'
import { notFound } from '../../errors.ts'
import { defineOperation } from '../define.ts'
import { said } from '../people/target.ts'
import { joined, tokens } from '../people/words.ts'
import { managedSchedule, managePermission } from './manage.ts'

export const removeLayer = defineOperation({
  name: 'remove_layer',
  summary: 'Take a layer out of a schedule, by its number.',
  input: z.strictObject({ schedule: line(120), layer: z.coerce.number('must be a number').int().min(1) }),
  permission: managePermission,
  effect: 'write',
  undone: 'The schedule was not changed',
  tool: false,
  verb: {
    words: ['schedules', 'layer', 'remove'],
    usage: 'schedules layer remove SCHEDULE NUMBER',
    parse: (rest) => {
      const words = tokens(rest)
      return { schedule: joined(words.slice(0, -1)), layer: words.at(-1) }
    },
  },
  run: async (scope, { schedule: words, layer }) => {
    const schedule = await managedSchedule(scope, words)
    const gone = schedule.written[layer - 1]
    if (!gone) {
      throw notFound(`${schedule.name} has no layer ${layer}. Its layers: schedules show ${schedule.name}`)
    }
    await saveLayers(scope.tx, scope.orgId, schedule.id, schedule.written.toSpliced(layer - 1, 1))
    const described = layerWords(gone, (id) => nameOf(schedule, id))
    await scope.audit({ operation: 'remove_layer', subject: schedule.name, old: { layer: described } })
    return said(`Layer ${layer} is out of ${schedule.name}. The layers after it moved up.`, ['view_incident'])
  },
})
