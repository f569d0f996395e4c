import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import { resolveTeam } from '../../core/people.ts'
import { isTimeZone } from '../../core/schedules/zone.ts'
import { uuid } from '../../db/uuid.ts'
import { conflict } from '../../errors.ts'
import { defineOperation, type Scope } from '../define.ts'
import { said } from '../people/target.ts'
import { joined, tokens } from '../people/words.ts'
import { managePermission, requireManage, typedName } from './manage.ts'

export const createSchedule = defineOperation({
  name: 'create_schedule',
  summary: 'Create an on-call schedule for a team.',
  input: z.strictObject({
    name: line(60),
    time_zone: line(60).pipe(z.string().refine(isTimeZone, 'must be a time zone such as Europe/London')),
    team: line(60).optional(),
  }),
  permission: managePermission,
  effect: 'write',
  undone: 'The schedule was not created',
  tool: false,
  verb: {
    words: ['schedules', 'create'],
    usage: 'schedules create NAME ZONE [TEAM]',
    parse: (rest) => {
      const [name, time_zone, ...team] = tokens(rest)
      return { name, time_zone, team: joined(team) }
    },
  },
  run: async (scope, { name, time_zone, team }) => {
    const { tx, orgId } = scope
    const teamId = team ? (await resolveTeam(tx, orgId, team)).id : onlyTeam(scope)
    await requireManage(scope, teamId)
    const made = await tx
      .insertInto('schedules')
      .values({ org_id: orgId, id: uuid(), name, team_id: teamId, time_zone })
      .onConflict((oc) => oc.doNothing())
      .returning('id')
      .executeTakeFirst()
    if (!made) throw conflict(`There is a schedule ${name} already.`)
    await scope.audit({
      operation: 'create_schedule',
      subject: name,
      new: { schedule: name, time_zone, team: team ?? null },
    })
    const example = `schedules layer ${typedName(name)} 2026-01-05 weekly Mon 09:00 PERSON, PERSON`
    return said(`Schedule ${name} is there, in ${time_zone}. Say who takes turns: ${example}`, [
      'view_incident',
    ])
  },
})

/** Whoever leads one team means that one. */
const onlyTeam = ({ standing }: Scope): string | null =>
  !standing.holdings.has('manage_policies') && standing.teamIds.length === 1 ? standing.teamIds[0]! : null
