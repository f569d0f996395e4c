import { z } from 'zod'
import { onIncident } from '../../core/labels.ts'
import type { Part } from '../../core/outcome.ts'
import { withdrawPages } from '../../core/pages/close.ts'
import { defineOperation } from '../define.ts'
import {
  administratorsLabel,
  lockAdministrators,
  peopleLabel,
  personRef,
  refuseLastAdministrator,
  said,
  targetPerson,
} from './target.ts'
import { onlyPerson } from './words.ts'

/** A deactivation by an administrator wins over the configuration file, so no field of the file is asked. */
export const deactivatePerson = defineOperation({
  name: 'deactivate_person',
  summary: 'Take all access from a person, in every app. What they did stays.',
  input: z.object({ person: personRef }),
  permission: 'manage_people',
  effect: 'write',
  undone: 'Nobody was deactivated',
  tool: false,
  verb: { words: ['people', 'deactivate'], usage: 'people deactivate PERSON', parse: onlyPerson },
  run: async (scope, input) => {
    const { tx, orgId, actor } = scope
    const administrators = await lockAdministrators(scope)
    const person = await targetPerson(scope, input.person, true)
    if (!person.active) return said(`${person.name} is deactivated already.`)
    refuseLastAdministrator(person, administrators)
    await tx
      .updateTable('people')
      .set({ active: false, deactivated_by: actor.personId })
      .where('org_id', '=', orgId)
      .where('id', '=', person.id)
      .execute()
    await withdrawPages(tx, orgId, person.id)
    await tx.deleteFrom('link_codes').where('org_id', '=', orgId).where('person_id', '=', person.id).execute()
    await scope.audit({
      operation: 'deactivate_person',
      subject: person.name,
      old: { active: true },
      new: { active: false },
      label: peopleLabel,
    })
    const open = tx
      .selectFrom('incidents')
      .select(['id', 'key', 'title', 'priority', 'private', 'reporter_id'])
      .where('org_id', '=', orgId)
      .where('assignee_id', '=', person.id)
      .where('status', 'in', ['OPEN', 'IN_PROGRESS', 'RESOLVED'])
      .orderBy('priority')
      .limit(20)
    // Whether a private incident exists is not an administrator's to learn.
    const knowsPrivate = scope.standing.holdings.has('access_private')
    const assigned = await (knowsPrivate ? open : open.where('private', '=', false)).execute()
    const parts: Part[] = [
      {
        kind: 'sentence',
        label: administratorsLabel,
        text: `${person.name} is deactivated and has no access any more. ${
          assigned.length ? 'These are still assigned to them:' : 'Nothing open is assigned to them.'
        }`,
      },
    ]
    const groups = [
      assigned.filter((incident) => !incident.private),
      ...assigned.filter((incident) => incident.private).map((incident) => [incident]),
    ]
    for (const group of groups.filter(({ length }) => length)) {
      parts.push({
        kind: 'lines',
        label: group[0]!.private ? onIncident(group[0]!, administratorsLabel) : administratorsLabel,
        authors: group.map((incident) => incident.reporter_id ?? 'unknown'),
        title: group[0]!.private ? 'Still assigned, private' : 'Still assigned',
        lines: group.map((incident) => `${incident.key} ${incident.title} (${incident.priority})`),
      })
    }
    return { parts }
  },
})
