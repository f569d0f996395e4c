import { z } from 'zod'
import { type ChannelTarget, channelsFor, tellPeople } from '../../core/announce.ts'
import { line, paragraph } from '../../core/clean-text.ts'
import { startEscalation } from '../../core/escalation/start.ts'
import { publishEvent } from '../../core/events.ts'
import { about, incidentColumns, nextNumber, priorities } from '../../core/incidents.ts'
import { onIncident, plain } from '../../core/labels.ts'
import { enqueue } from '../../core/outbox.ts'
import type { Outcome } from '../../core/outcome.ts'
import { resolveTeam } from '../../core/people.ts'
import { uuid } from '../../db/uuid.ts'
import { defineOperation, type Scope } from '../define.ts'

const input = z.strictObject({
  title: line(200),
  description: paragraph(4000).optional(),
  priority: z.enum(priorities).optional(),
  team: line(100).optional(),
  private: z.boolean().optional(),
})

export const declare = defineOperation({
  name: 'create_incident',
  summary: 'Declare a new incident.',
  input,
  permission: 'create_incident',
  effect: 'write',
  undone: 'Nothing was declared',
  writes: plain,
  button: 'Declare',
  verb: {
    words: ['declare'],
    aliases: ['new'],
    usage: 'declare [--private] <title>',
    parse: (rest) => {
      const isPrivate = /^--private\s+/.test(rest)
      const title = rest.replace(/^--private\s+/, '')
      return title === '' ? undefined : { title, ...(isPrivate && { private: true }) }
    },
  },
  run: async (scope, asked): Promise<Outcome> => {
    const { tx, orgId, now, actor } = scope
    if (asked.priority) await scope.require('update_priority')
    const team = await teamFor(scope, asked.team)
    const incident = await tx
      .insertInto('incidents')
      .values({
        org_id: orgId,
        id: uuid(),
        number: await nextNumber(tx, orgId),
        title: asked.title,
        description: asked.description ?? null,
        priority: asked.priority ?? 'P3',
        private: asked.private ?? false,
        reporter_id: actor.personId,
        team_id: team?.id ?? null,
        created_at: now,
        updated_at: now,
      })
      .returning(incidentColumns)
      .executeTakeFirstOrThrow()
    await tx
      .insertInto('incident_people')
      .values({
        org_id: orgId,
        incident_id: incident.id,
        person_id: actor.personId,
        relation: 'follower',
        at: now,
      })
      .execute()
    await scope.audit({
      operation: 'create_incident',
      incidentId: incident.id,
      new: { title: incident.title, priority: incident.priority, team: team?.name },
      label: onIncident(incident, plain),
    })
    const outcome: Outcome = {
      incident: about(incident),
      parts: [
        {
          kind: 'change',
          label: onIncident(incident, plain),
          change: 'declared',
          key: incident.key,
          by: actor.name,
          at: now.toISOString(),
          to: team?.name,
        },
      ],
    }
    await publishEvent(tx, orgId, 'incident.declared', incident, { by: actor.name, at: now })
    const shownIn = await showCards(scope, incident, team?.id ?? null)
    const nobody = await startEscalation({ tx, orgId, now }, incident, shownIn)
    if (nobody) outcome.parts.push({ kind: 'sentence', label: onIncident(incident, plain), text: nobody })
    return outcome
  },
})

/** Asked for, else the channel's, else the reporter's only team, else none until somebody says. */
async function teamFor(scope: Scope, asked?: string): Promise<{ id: string; name: string } | undefined> {
  const { tx, orgId, actor, standing } = scope
  if (asked) return resolveTeam(tx, orgId, asked)
  const teams = tx.selectFrom('teams').select(['teams.id', 'teams.name']).where('teams.org_id', '=', orgId)
  if (actor.place && !actor.place.direct) {
    const ofChannel = await teams
      .innerJoin('channels', (join) =>
        join.onRef('channels.org_id', '=', 'teams.org_id').onRef('channels.team_id', '=', 'teams.id'),
      )
      .where('channels.platform', '=', actor.place.workspace.platform)
      .where('channels.channel', '=', actor.place.channel)
      .executeTakeFirst()
    if (ofChannel) return ofChannel
  }
  const [only, second] = standing.teamIds
  return only && !second ? teams.where('teams.id', '=', only).executeTakeFirst() : undefined
}

/** The card goes to the incident's channels; a private incident's to its reporter alone. */
async function showCards(
  scope: Scope,
  incident: { id: string; private: boolean },
  teamId: string | null,
): Promise<ChannelTarget[]> {
  const { tx, orgId, actor } = scope
  const place = actor.place
  const declaredIn =
    place && !place.direct && !place.sharedOutside
      ? { workspaceId: place.workspace.id, channel: place.channel }
      : undefined
  const targets = incident.private ? [] : await channelsFor(tx, orgId, teamId, declaredIn)
  await enqueue(
    tx,
    orgId,
    targets.map((target) => ({
      workspaceId: target.workspaceId,
      route: { type: 'channel', channel: target.channel },
      notification: { type: 'incident_card' },
      urgency: 2,
      incidentId: incident.id,
    })),
  )
  if (incident.private || !targets.length) {
    await tellPeople(tx, orgId, [actor.personId], { type: 'incident_card' }, { incidentId: incident.id })
  }
  return targets
}
