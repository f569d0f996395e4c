import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import { plain } from '../../core/labels.ts'
import type { Part } from '../../core/outcome.ts'
import { nameOf, type StoredSchedule } from '../../core/schedules/load.ts'
import { gaps, shifts } from '../../core/schedules/schedule.ts'
import { gapLines, layerWords, memberName, stretch } from '../../core/schedules/words.ts'
import { day } from '../../core/schedules/zone.ts'
import { defineOperation } from '../define.ts'
import { joined, tokens } from '../people/words.ts'
import { namedSchedule } from './manage.ts'
import { authorsOf, nobody, onCallSentence, sentence } from './say.ts'

const mostShifts = 10
const mostCovers = 10

export const showSchedule = defineOperation({
  name: 'show_schedule',
  summary: 'Show a schedule: who is on call, the next shifts, its layers, covers and gaps.',
  input: z.strictObject({ schedule: line(120) }),
  permission: 'view_incident',
  effect: 'read',
  verb: {
    words: ['schedules', 'show'],
    usage: 'schedules show SCHEDULE',
    parse: (rest) => {
      const schedule = joined(tokens(rest))
      return schedule ? { schedule } : undefined
    },
  },
  run: async (scope, { schedule: words }) => {
    const schedule = await namedSchedule(scope, words)
    const { now } = scope
    const { timeZone, fromFile, team } = schedule
    const parts: Part[] = [sentence([schedule], onCallSentence(schedule, now, now))]
    const facts = [
      { name: 'Time zone', value: timeZone },
      ...(team ? [{ name: 'Team', value: team }] : []),
      ...(fromFile ? [{ name: 'Set by', value: 'the configuration file' }] : []),
    ]
    parts.push({ kind: 'facts', label: plain, facts })
    const lines = (title: string, all: string[], most = all.length) => {
      if (!all.length) return
      const shown = { lines: all.slice(0, most), more: Math.max(0, all.length - most) }
      parts.push({ kind: 'lines', label: plain, authors: authorsOf([schedule]), title, ...shown })
    }
    const until = new Date(now.getTime() + 14 * day)
    lines(
      'Layers, the last one that has somebody wins',
      schedule.written.map((layer, index) => `${index + 1}. ${layerWords(layer, memberName(schedule))}`),
    )
    lines('Next 14 days', shiftLines(schedule, now, until).slice(0, mostShifts))
    lines('Covers', coverLines(schedule, now), mostCovers)
    lines('Nobody is on call', gapLines(timeZone, gaps(schedule, now, until), now), mostShifts)
    return { parts }
  },
})

const shiftLines = (schedule: StoredSchedule, now: Date, until: Date): string[] =>
  shifts(schedule, now, until).map(({ from, to, person }) => {
    const holder = person ? nameOf(schedule, person) : nobody
    return `${holder}, ${stretch(schedule.timeZone, from, to, now)}`
  })

const coverLines = (schedule: StoredSchedule, now: Date): string[] =>
  schedule.overrides
    .filter(({ to }) => to > now.getTime())
    .sort((a, b) => a.from - b.from)
    .map(
      ({ from, to, person }) =>
        `${memberName(schedule)(person)}, ${stretch(schedule.timeZone, new Date(from), new Date(to), now)}`,
    )
