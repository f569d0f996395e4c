import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import { plain } from '../../core/labels.ts'
import { isHandoff, isHours, isRotation } from '../../core/schedules/layer.ts'
import { saveLayers } from '../../core/schedules/save.ts'
import { layerWords } from '../../core/schedules/words.ts'
import { readDay } from '../../core/schedules/zone.ts'
import { conflict } from '../../errors.ts'
import { defineOperation } from '../define.ts'
import { personRef, targetPerson } from '../people/target.ts'
import { tokens } from '../people/words.ts'
import { managedSchedule, managePermission } from './manage.ts'

const mostLayers = 20

const written = (is: (text: string) => boolean, wrong: string) => line(30).pipe(z.string().refine(is, wrong))

export const addLayer = defineOperation({
  name: 'add_layer',
  summary: 'Add a layer to a schedule: who takes turns, from when, how long, and at which hours.',
  input: z.strictObject({
    schedule: line(120),
    start: written((text) => readDay(text) !== undefined, 'must be a date such as 2026-01-05'),
    rotation: written(isRotation, 'must be daily, weekly or such as 3d'),
    handoff: written(isHandoff, 'must be such as Mon 09:00 or 18:00'),
    hours: written(isHours, 'must be hours such as 18:00-09:00').optional(),
    people: z.array(personRef).min(1, 'must name at least one person').max(100),
  }),
  permission: managePermission,
  effect: 'write',
  undone: 'The schedule was not changed',
  tool: false,
  verb: {
    words: ['schedules', 'layer'],
    usage: 'schedules layer SCHEDULE START daily|weekly|3d [Mon] 09:00 [18:00-09:00] PERSON, PERSON …',
    parse,
  },
  run: async (scope, { schedule: words, people, ...layer }) => {
    const { tx, orgId } = scope
    const schedule = await managedSchedule(scope, words)
    if (schedule.written.length >= mostLayers) {
      throw conflict(`${schedule.name} has ${mostLayers} layers already, and more help nobody.`)
    }
    const members = []
    for (const person of people) members.push(await targetPerson(scope, person))
    const added = { ...layer, people: members.map(({ id }) => id) }
    await saveLayers(tx, orgId, schedule.id, [...schedule.written, added])
    const names = new Map(members.map(({ id, name }) => [id, name]))
    const described = layerWords(added, (id) => names.get(id)!)
    await scope.audit({ operation: 'add_layer', subject: schedule.name, new: { layer: described } })
    return {
      parts: [
        {
          kind: 'sentence',
          label: plain,
          authors: members.filter(({ file_fields }) => !file_fields.includes('name')).map(({ id }) => id),
          text: `${schedule.name} has a layer ${schedule.written.length + 1}: ${described}.`,
        },
      ],
    }
  },
})

function parse(rest: string): Record<string, unknown> {
  const [schedule, start, rotation, ...others] = tokens(rest)
  const handoff = /^(mon|tue|wed|thu|fri|sat|sun)$/i.test(others[0] ?? '')
    ? others.splice(0, 2).join(' ')
    : others.shift()
  const hours = isHours(others[0] ?? '') ? others.shift() : undefined
  const people = others
    .join(' ')
    .split(',')
    .map((person) => person.trim())
    .filter(Boolean)
  return { schedule, start, rotation, handoff, ...(hours && { hours }), people }
}
