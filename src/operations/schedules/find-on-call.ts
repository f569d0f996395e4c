import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import { plain } from '../../core/labels.ts'
import type { Outcome } from '../../core/outcome.ts'
import { findSchedules } from '../../core/schedules/find.ts'
import { loadSchedules, nameOf, type StoredSchedule } from '../../core/schedules/load.ts'
import { shifts } from '../../core/schedules/schedule.ts'
import { clock, time } from '../../core/schedules/words.ts'
import { day, instantOf, readDay, readInstant } from '../../core/schedules/zone.ts'
import { invalidInput, notFound } from '../../errors.ts'
import { defineOperation, type Scope } from '../define.ts'
import { farthest } from './manage.ts'
import { parseOnCall } from './parse-on-call.ts'
import { authorsOf, nobody, onCallSentence, sentence } from './say.ts'

const most = 20

export const findOnCall = defineOperation({
  name: 'find_on_call',
  summary: 'Say who is on call for a schedule or a team, now or at a time: until when, and who is next.',
  input: z.strictObject({
    of: line(120).optional().describe('a schedule or a team; absent for all schedules'),
    at: line(30)
      .optional()
      .describe(
        'YYYY-MM-DDTHH:MM in the schedule’s time zone, with a Z in UTC; or a date alone; absent for now',
      ),
  }),
  permission: 'view_incident',
  effect: 'read',
  verb: {
    words: ['oncall'],
    aliases: ['who', 'on-call'],
    usage: 'oncall [SCHEDULE|TEAM] [YYYY-MM-DDTHH:MM[Z]]',
    parse: parseOnCall,
  },
  run: async (scope, { of, at }) => {
    const { tx, orgId, now } = scope
    const which = of ? await findSchedules(tx, orgId, of) : undefined
    if (which && !which.ids.length) throw notFound(`The team ${which.name} has no schedule.`)
    const asked = at ? (readInstant('UTC', at) ?? dayOf(at)) : now.getTime()
    // Ten years of overrides of one schedule are few; what a day is in each zone is seen below.
    const around = { from: new Date(asked - 2 * day), until: new Date(asked + farthest) }
    const found = await loadSchedules(tx, orgId, around, which && { ids: which.ids })
    if (!found.length) return said('There are no schedules yet. A team lead makes one: schedules create.')
    const schedules = ownFirst(found, scope)
    if (at && readDay(at) !== undefined) return overTheDay(schedules, readDay(at)!)
    const lines = schedules.map((schedule) =>
      onCallSentence(schedule, at ? new Date(readInstant(schedule.timeZone, at)!) : now, now),
    )
    if (lines.length === 1) return { parts: [sentence(schedules, lines[0]!)] }
    const more = Math.max(0, lines.length - most)
    const shown = {
      title: which ? `On call for ${which.name}` : 'On call',
      lines: lines.slice(0, most),
      more,
    }
    return { parts: [{ kind: 'lines', label: plain, authors: authorsOf(schedules), ...shown }] }
  },
})

const said = (text: string): Outcome => ({ parts: [{ kind: 'sentence', label: plain, text }] })

function dayOf(text: string): number {
  const date = readDay(text)
  if (date !== undefined) return date * day
  throw invalidInput('at must be a time such as 2026-01-12T09:00, or a date such as 2026-01-12.', {
    field: 'at',
    usage: 'oncall [SCHEDULE|TEAM] [YYYY-MM-DDTHH:MM[Z]]',
  })
}

/** The asker's own teams first. */
const ownFirst = (schedules: StoredSchedule[], { standing }: Scope): StoredSchedule[] => {
  const own = ({ teamId }: StoredSchedule) => teamId !== null && standing.teamIds.includes(teamId)
  return [...schedules.filter(own), ...schedules.filter((schedule) => !own(schedule))]
}

/** Everybody who is on call on a date, a list for each schedule. */
const overTheDay = (schedules: StoredSchedule[], date: number): Outcome => ({
  parts: schedules.slice(0, most).map((schedule) => {
    const { timeZone } = schedule
    const from = new Date(instantOf(timeZone, date, 0))
    const until = new Date(Math.max(instantOf(timeZone, date + 1, 0), from.getTime() + 1))
    return {
      kind: 'lines',
      label: plain,
      authors: authorsOf([schedule]),
      title: `On call for ${schedule.name} on ${time(timeZone, from, from).replace(/ \S+$/, '')} (${timeZone})`,
      lines: shifts(schedule, from, until).map((shift) => {
        const end = shift.to < until ? clock(timeZone, shift.to) : '24:00'
        return `${shift.person ? nameOf(schedule, shift.person) : nobody} ${clock(timeZone, shift.from)} to ${end}`
      }),
    }
  }),
})
