import { z } from 'zod'
import { plain } from '../../core/labels.ts'
import { loadSchedules, nameOf, type StoredSchedule } from '../../core/schedules/load.ts'
import { gaps, shiftAt } from '../../core/schedules/schedule.ts'
import { time } from '../../core/schedules/words.ts'
import { day } from '../../core/schedules/zone.ts'
import { defineOperation } from '../define.ts'
import { farthest } from './manage.ts'
import { authorsOf, nobody } from './say.ts'

const most = 50
const week = 7 * day

export const listSchedules = defineOperation({
  name: 'list_schedules',
  summary: 'List the on-call schedules: who is on call now, and what nobody has in the next seven days.',
  input: z.strictObject({}),
  permission: 'view_incident',
  effect: 'read',
  verb: {
    words: ['schedules'],
    usage: 'schedules',
    parse: (rest) => (/^(list)?$/i.test(rest.trim()) ? {} : undefined),
  },
  run: async ({ tx, orgId, now }) => {
    const around = { from: now, until: new Date(now.getTime() + farthest) }
    const schedules = await loadSchedules(tx, orgId, around)
    if (!schedules.length) {
      const text = 'There are no schedules yet. A team lead makes one: schedules create NAME ZONE TEAM.'
      return { parts: [{ kind: 'sentence', label: plain, text }] }
    }
    const lines = schedules.slice(0, most).map((schedule) => lineOf(schedule, now))
    const more = Math.max(0, schedules.length - most)
    return {
      parts: [
        { kind: 'lines', label: plain, authors: authorsOf(schedules), title: 'Schedules', lines, more },
      ],
    }
  },
})

function lineOf(schedule: StoredSchedule, now: Date): string {
  const { name, team, timeZone, fromFile } = schedule
  const { person, to } = shiftAt(schedule, now)
  const holder = person ? nameOf(schedule, person) : nobody
  const open = gaps(schedule, now, new Date(now.getTime() + week))
  return [
    `${name}: ${holder}${to ? ` until ${time(timeZone, to, now)}` : ''}`,
    ...(team ? [`team ${team}`] : []),
    timeZone,
    ...(open.length ? [gapWords(timeZone, open, now)] : []),
    ...(fromFile ? ['from the file'] : []),
  ].join(' · ')
}

function gapWords(zone: string, open: { from: Date }[], now: Date): string {
  const [first] = open
  const since = first!.from <= now ? 'now' : `from ${time(zone, first!.from, now)}`
  const count = open.length === 1 ? 'a gap' : `${open.length} gaps`
  return `${count} in the next 7 days, ${open.length === 1 ? '' : 'the first '}${since}`
}
