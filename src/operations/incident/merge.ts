import { sql } from 'kysely'
import { z } from 'zod'
import { announceChange } from '../../core/announce.ts'
import { findHolders } from '../../core/holders.ts'
import { changeIncident, findIncident } from '../../core/incidents.ts'
import { onIncident, plain } from '../../core/labels.ts'
import { isOpen } from '../../core/lifecycle.ts'
import { holds } from '../../core/permissions.ts'
import { conflict, denied, invalidInput, notFound } from '../../errors.ts'
import { defineOperation, type Scope } from '../define.ts'
import { incidentKey } from '../perform.ts'
import { changeAndTell } from './change.ts'

export const merge = defineOperation({
  name: 'merge',
  summary: 'Merge an incident into another one: it is cancelled, its followers and comments move along.',
  input: z.strictObject({ incident: incidentKey, into: incidentKey }),
  subject: 'incident',
  permission: 'update_status',
  effect: 'write',
  undone: 'KEY was not merged',
  button: 'Merge',
  verb: {
    words: ['merge'],
    usage: 'merge [INC] <INC to merge into>',
    parse: (rest) => {
      const into = rest.replace(/^into\s+/i, '')
      return /^inc-\d+$/i.test(into) ? { into } : undefined
    },
  },
  run: async (scope, { into }) => {
    const { tx, orgId, incident, now } = scope
    const target = await otherIncident(scope, into)
    if (target.id === incident.id) {
      throw invalidInput('An incident cannot be merged into itself.', { field: 'into' })
    }
    if (!isOpen(incident.status)) {
      throw conflict(`${incident.key} was not merged: it is ${incident.status}.`, {
        incidentKey: incident.key,
      })
    }
    if (!isOpen(target.status)) {
      throw conflict(`${incident.key} was not merged: ${target.key} is ${target.status}.`, {
        incidentKey: incident.key,
      })
    }
    if (incident.private && !target.private) {
      throw conflict(`${incident.key} is private and was not merged into ${target.key}, which is not.`, {
        incidentKey: incident.key,
      })
    }
    if (target.private && !incident.private) {
      throw conflict(
        `${incident.key} was not merged: ${target.key} is private, and everybody who sees ${incident.key} would learn of it. Cancel it instead.`,
        { incidentKey: incident.key },
      )
    }
    await sql`insert into incident_people (org_id, incident_id, person_id, relation, at)
      select org_id, ${target.id}, person_id, relation, at from incident_people
      where org_id = ${orgId} and incident_id = ${incident.id} and relation = 'follower'
      on conflict do nothing`.execute(tx)
    await tx
      .updateTable('comments')
      .set({ incident_id: target.id })
      .where('org_id', '=', orgId)
      .where('incident_id', '=', incident.id)
      .execute()
    await changeIncident(tx, target, now)
    await scope.audit({
      operation: 'merge',
      incidentId: target.id,
      new: { merged: incident.key },
      label: onIncident(target, plain),
    })
    await announceChange(tx, orgId, target)
    return changeAndTell(scope, {
      operation: 'merge',
      change: 'merged',
      columns: { status: 'CANCELLED', merged_into: target.id, closed_at: now },
      old: { status: incident.status },
      new: { status: 'CANCELLED', merged_into: target.key },
      to: target.key,
    })
  },
})

/** The incident merged into, authorised like the first. Two merges crossing each other end in one deadlock error. */
async function otherIncident(scope: Scope<'incident'>, key: string) {
  const found = await findIncident(scope.tx, scope.orgId, key, scope.standing, true)
  if (!found) throw notFound(`There is no incident ${key} that you may see.`)
  const where = { teamId: found.team_id, ownTeams: scope.standing.teamIds }
  if (!holds(found.holdings, 'update_status', where)) {
    const { tx, orgId, actor, incident } = scope
    const holders = await findHolders(tx, orgId, 'update_status', found.team_id, actor.personId)
    throw denied(`${incident.key} was not merged: on ${found.key} that needs update_status.`, {
      permission: 'update_status',
      holders,
      quotes: holders.some(({ selfNamed }) => selfNamed),
      incidentKey: found.key,
    })
  }
  return found
}
