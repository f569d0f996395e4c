import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import type { Outcome } from '../../core/outcome.ts'
import { resolveTeam } from '../../core/people.ts'
import type { Permission } from '../../core/permissions.ts'
import type { Scope } from '../define.ts'
import { peopleLabel, personRef, refuseFileField, said, targetPerson } from './target.ts'

export const membershipInput = z.object({ team: line(60), person: personRef })

/**
 * manage_teams for every team, or manage_team for the team in question: which one that is, is known once it has been
 * looked up, so whoever has it for own teams only is asked again in `changeMembership`.
 */
export const membershipPermission = {
  anyOf: ['manage_teams', 'manage_team'] satisfies Permission[],
  needed: ({ standing }: Scope): Permission => {
    if (standing.holdings.has('manage_teams')) return 'manage_teams'
    return standing.holdings.has('manage_team') ? 'view_incident' : 'manage_team'
  },
}

export async function changeMembership(
  scope: Scope,
  input: z.infer<typeof membershipInput>,
  joins: boolean,
): Promise<Outcome> {
  const { tx, orgId } = scope
  const team = await resolveTeam(tx, orgId, input.team)
  if (!scope.standing.holdings.has('manage_teams')) await scope.require('manage_team', team.id)
  const person = await targetPerson(scope, input.person, !joins)
  refuseFileField(person, 'teams')
  const row = { org_id: orgId, team_id: team.id, person_id: person.id }
  const changed = joins
    ? await tx
        .insertInto('team_members')
        .values(row)
        .onConflict((oc) => oc.doNothing())
        .returning('person_id')
        .execute()
    : await tx
        .deleteFrom('team_members')
        .where('org_id', '=', orgId)
        .where('team_id', '=', team.id)
        .where('person_id', '=', person.id)
        .returning('person_id')
        .execute()
  if (!changed.length) {
    return said(`${person.name} is ${joins ? 'already' : 'not'} in ${team.name}.`, ['view_incident'])
  }
  await scope.audit({
    operation: joins ? 'add_to_team' : 'remove_from_team',
    subject: person.name,
    old: { team: joins ? null : team.name },
    new: { team: joins ? team.name : null },
    label: peopleLabel,
  })
  return said(`${person.name} is ${joins ? 'in' : 'no longer in'} ${team.name}.`, ['view_incident'])
}
