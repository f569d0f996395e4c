import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import { resolveTeam } from '../../core/people.ts'
import { defineOperation } from '../define.ts'
import { incidentKey } from '../perform.ts'
import { alreadySo, changeAndTell, firstDoer } from './change.ts'
import { allAs } from './verb-parts.ts'

export const setTeam = defineOperation({
  name: 'set_team',
  summary: 'Say which team an incident belongs to.',
  input: z.strictObject({ incident: incidentKey, team: line(100) }),
  subject: 'incident',
  permission: 'update_status',
  effect: 'write',
  undone: "KEY's team was not changed",
  button: 'Set team',
  verb: { words: ['team'], usage: 'team [INC] <team>', parse: allAs('team') },
  run: async (scope, { team }) => {
    const { tx, orgId, incident } = scope
    const chosen = await resolveTeam(tx, orgId, team)
    if (incident.team_id === chosen.id) {
      return alreadySo(incident, 'team', {
        ...(await firstDoer(scope, ['set_team', 'create_incident'])),
        to: chosen.name,
      })
    }
    const before = await tx
      .selectFrom('teams')
      .select('name')
      .where('org_id', '=', orgId)
      .where('id', '=', incident.team_id)
      .executeTakeFirst()
    return changeAndTell(scope, {
      operation: 'set_team',
      change: 'team',
      columns: { team_id: chosen.id },
      old: { team: before?.name },
      new: { team: chosen.name },
      from: before?.name,
      to: chosen.name,
    })
  },
})
