import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import { nameOf, type StoredOverride } from '../../core/schedules/load.ts'
import { whoIsOnCall } from '../../core/schedules/schedule.ts'
import { stretch } from '../../core/schedules/words.ts'
import { readInstant } from '../../core/schedules/zone.ts'
import { conflict, invalidInput, notFound } from '../../errors.ts'
import { defineOperation, type Scope } from '../define.ts'
import { tokens } from '../people/words.ts'
import { namedSchedule, requireManage } from './manage.ts'
import { sentence } from './say.ts'
import { tellAbout } from './tell-about.ts'

export const removeCover = defineOperation({
  name: 'remove_cover',
  summary: 'Take back the cover that stands at a time: your own, or (who manages the schedule) anybody’s.',
  input: z.strictObject({ schedule: line(120), at: line(30) }),
  permission: 'view_incident',
  effect: 'write',
  undone: 'The cover was not taken back',
  tool: false,
  verb: {
    words: ['schedules', 'uncover'],
    usage: 'schedules uncover SCHEDULE YYYY-MM-DDTHH:MM[Z]',
    parse: (rest) => {
      const words = tokens(rest)
      return words.length < 2 ? undefined : { schedule: words.slice(0, -1).join(' '), at: words.at(-1) }
    },
  },
  run: async (scope, input) => {
    const { now, actor } = scope
    const schedule = await namedSchedule(scope, input.schedule, true)
    const { name, timeZone, overrides } = schedule
    const at = /^now$/i.test(input.at) ? now.getTime() : readInstant(timeZone, input.at)
    if (at === undefined) throw invalidInput('at must be a time such as 2026-12-24T09:00.', { field: 'at' })
    const cover = overrides.findLast(({ from, to }) => from <= at && at < to)
    if (!cover) throw notFound(`Nobody covers ${name} then. Its covers: schedules show ${name}`)
    if (cover.to <= now.getTime()) throw conflict('That cover is over: what is over stays as it was.')
    if (cover.person !== actor.personId) await requireManage(scope, schedule.teamId)
    if (cover.fromFile) {
      throw conflict('That cover was not taken back: the configuration file sets it. Change it there.')
    }
    const one = { from: new Date(cover.from), to: new Date(cover.to) }
    await endCover(scope, cover)
    const who = nameOf(schedule, cover.person)
    await scope.audit({
      operation: 'remove_cover',
      subject: name,
      old: { person: who, from: one.from.toISOString(), to: one.to.toISOString() },
    })
    const rest = { ...schedule, overrides: overrides.filter(({ id }) => id !== cover.id) }
    const then = whoIsOnCall(rest, new Date(Math.max(at, now.getTime())))
    const when = `${stretch(timeZone, one.from, one.to, now)} (${timeZone})`
    const said = `${who} no longer covers ${name}, ${when}. On call then: ${then ? nameOf(schedule, then) : 'nobody'}.`
    await tellAbout(scope, [cover.person, ...(then ? [then] : [])], said)
    return { parts: [sentence([schedule], said)] }
  },
})

/** What was covered already stays so. */
async function endCover({ tx, orgId, now }: Scope, { id, from }: StoredOverride): Promise<void> {
  if (from < now.getTime()) {
    await tx
      .updateTable('overrides')
      .set({ ends_at: now })
      .where('org_id', '=', orgId)
      .where('id', '=', id)
      .execute()
  } else {
    await tx.deleteFrom('overrides').where('org_id', '=', orgId).where('id', '=', id).execute()
  }
}
