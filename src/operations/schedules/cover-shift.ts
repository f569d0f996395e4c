import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import { nameOf, type StoredSchedule } from '../../core/schedules/load.ts'
import { addOverrides } from '../../core/schedules/save.ts'
import { type Shift, shifts } from '../../core/schedules/schedule.ts'
import { stretch } from '../../core/schedules/words.ts'
import { minute, readInstant } from '../../core/schedules/zone.ts'
import { invalidInput } from '../../errors.ts'
import { defineOperation, type Scope } from '../define.ts'
import { personRef, type Target, targetPerson } from '../people/target.ts'
import { tokens } from '../people/words.ts'
import { farthest, namedSchedule, requireManage } from './manage.ts'
import { nobody, sentence } from './say.ts'
import { tellAbout } from './tell-about.ts'

const instant = line(30).describe('YYYY-MM-DDTHH:MM in the schedule’s time zone, with a Z in UTC; or now')

/**
 * Covers stand beside what the configuration file sets, so they are allowed on its schedules too: whoever is ill at
 * night cannot wait for a file.
 */
export const coverShift = defineOperation({
  name: 'cover_shift',
  summary: 'Take somebody’s time on call yourself, or (who manages the schedule) give it to somebody.',
  input: z.strictObject({
    schedule: line(120),
    from: instant,
    to: instant,
    person: personRef.optional().describe('who is on call then; absent for the asker'),
  }),
  permission: 'view_incident',
  effect: 'write',
  undone: 'Nothing was covered',
  button: 'Cover',
  verb: {
    words: ['schedules', 'cover'],
    aliases: ['cover'],
    usage: 'schedules cover SCHEDULE FROM TO [@user]',
    parse: parseCover,
  },
  run: async (scope, input) => {
    const { tx, orgId, now, actor } = scope
    const schedule = await namedSchedule(scope, input.schedule, true)
    const person = await targetPerson(scope, input.person ?? 'me')
    if (!mayTake(scope, schedule, person)) await requireManage(scope, schedule.teamId)
    const { from, to } = readStretch(schedule, input, now)
    const before = shifts(schedule, from, to)
    const { name, timeZone } = schedule
    const when = `${stretch(timeZone, from, to, now)} (${timeZone})`
    if (before.length === 1 && before[0]!.person === person.id) {
      return { parts: [sentence([schedule], `${person.name} is on call for ${name} then anyway, ${when}.`)] }
    }
    await addOverrides(tx, orgId, schedule.id, [{ from, to, person: person.id }], {
      personId: actor.personId,
    })
    const instead = insteadOf(schedule, before, person)
    await scope.audit({
      operation: 'cover_shift',
      subject: name,
      old: { person: instead },
      new: { person: person.name, from: from.toISOString(), to: to.toISOString() },
    })
    const said = `${person.name} covers ${name}, ${when}, instead of ${instead}.`
    const others = before.flatMap((shift) => shift.person ?? [])
    await tellAbout(scope, [...others, person.id], `${said} Set by ${scope.standing.name}.`)
    return { parts: [sentence([schedule], said)] }
  },
})

/** `SCHEDULE FROM TO [PERSON]`: what stands before the first time is the schedule. */
export function parseCover(rest: string): Record<string, unknown> | undefined {
  const words = tokens(rest)
  const at = words.findIndex((word) => /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?Z?|now)$/i.test(word))
  if (at < 1 || !words[at + 1]) return undefined
  const person = words.slice(at + 2).join(' ')
  return {
    schedule: words.slice(0, at).join(' '),
    from: words[at],
    to: words[at + 1],
    ...(person && { person }),
  }
}

/**
 * People take time themselves by asking: those who would be expected there, and everybody who may acknowledge. Somebody
 * else's name takes manage_schedule, because nobody goes on call without having said yes to it.
 */
function mayTake(scope: Scope, schedule: StoredSchedule, person: Target): boolean {
  if (person.id !== scope.actor.personId) return false
  const { holdings, teamIds } = scope.standing
  return (
    holdings.has('acknowledge') ||
    (schedule.teamId !== null && teamIds.includes(schedule.teamId)) ||
    schedule.layers.some(({ people }) => people.includes(person.id))
  )
}

/** What is over is not rewritten: a cover that began begins now. */
function readStretch({ timeZone }: StoredSchedule, given: { from: string; to: string }, now: Date) {
  const read = (field: 'from' | 'to'): number => {
    const text = given[field]
    const at = /^now$/i.test(text) ? now.getTime() : readInstant(timeZone, text)
    if (at !== undefined) return at
    throw invalidInput(`${field} must be a time such as 2026-12-24T09:00, or with a Z in UTC.`, { field })
  }
  const [from, to] = [Math.max(read('from'), now.getTime()), read('to')]
  if (to <= read('from')) throw invalidInput('to must be later than from.', { field: 'to' })
  if (to <= from)
    throw invalidInput('to must be later than now: what is over stays as it was.', { field: 'to' })
  if (to > now.getTime() + farthest) throw invalidInput('to must be within 400 days.', { field: 'to' })
  return { from: new Date(Math.floor(from / minute) * minute), to: new Date(to) }
}

function insteadOf(schedule: StoredSchedule, before: Shift[], person: Target): string {
  const others = before.filter((shift) => shift.person !== person.id)
  const names = others.map((shift) => (shift.person ? nameOf(schedule, shift.person) : nobody))
  return [...new Set(names)].join(', ')
}
