import { channelsFor } from '../../core/announce.ts'
import { channelsOf } from '../../core/incident-channels.ts'
import { administratorIds } from '../../core/people.ts'
import { type Db, inOrg, type OrgTx, type Tx } from '../../db/pool.ts'
import { incidentsWords } from '../../messages/lateness-card.ts'
import { type CarrierRef, platforms, type Route } from '../../ports/platform.ts'

type Place = { workspaceId: string; route: Route }
/** `name`: the key; administrators who stand outside a private incident do not learn it. */
export type Audience = { name: string; places: Place[]; workspaces: Map<string, CarrierRef> }

/** Where lateness is said: of several incidents at once, where all of them are announced. */
export const audienceOf = (db: Db, orgId: string, incidentIds: string[]): Promise<Audience | undefined> =>
  inOrg(db, orgId, (scope) =>
    incidentIds.length === 1 ? audienceOfOne(scope, incidentIds[0]!) : audienceOfMany(scope, incidentIds),
  )

/** Its channels; of a private one its people, else the administrators. */
async function audienceOfOne(scope: OrgTx, incidentId: string): Promise<Audience | undefined> {
  const { tx, orgId } = scope
  const incident = await tx
    .selectFrom('incidents')
    .select(['id', 'key', 'private', 'team_id', 'assignee_id', 'reporter_id'])
    .where('org_id', '=', orgId)
    .where('id', '=', incidentId)
    .executeTakeFirst()
  if (!incident) return undefined
  const workspaces = await workspacesOf(tx, orgId)
  const channels = await channelsOf(tx, orgId, incident)
  if (channels.length) {
    const places = channels.map(({ workspaceId, channel, thread }) => ({
      workspaceId,
      route: { type: 'channel', channel, thread } as const,
    }))
    return { name: incident.key, places, workspaces }
  }
  const own = incident.private ? await peopleOf(scope, incident) : []
  const places = await directPlaces(scope, own)
  if (places.length) return { name: incident.key, places, workspaces }
  const admins = await directPlaces(scope, await administratorIds(scope.tx, scope.orgId, mostPeople))
  return { name: incident.private ? 'A private incident' : incident.key, places: admins, workspaces }
}

/** Private ones are counted and not named. */
async function audienceOfMany(scope: OrgTx, incidentIds: string[]): Promise<Audience> {
  const { tx, orgId } = scope
  const open = await tx
    .selectFrom('incidents')
    .select('key')
    .where('org_id', '=', orgId)
    .where('id', 'in', incidentIds)
    .where('private', '=', false)
    .orderBy('priority')
    .orderBy('number')
    .limit(3)
    .execute()
  const name = incidentsWords(
    open.map(({ key }) => key),
    incidentIds.length,
  )
  const workspaces = await workspacesOf(tx, orgId)
  const places = (await channelsFor(tx, orgId, null)).map(({ workspaceId, channel }) => ({
    workspaceId,
    route: { type: 'channel', channel } as const,
  }))
  if (places.length) return { name, places, workspaces }
  return {
    name,
    places: await directPlaces(scope, await administratorIds(scope.tx, scope.orgId, mostPeople)),
    workspaces,
  }
}

async function workspacesOf(tx: Tx, orgId: string): Promise<Map<string, CarrierRef>> {
  const rows = await tx
    .selectFrom('workspaces')
    .select(['id', 'platform', 'external_id'])
    .where('org_id', '=', orgId)
    .execute()
  return new Map(
    rows.map(({ id, platform, external_id }) => [id, { orgId, id, platform, externalId: external_id }]),
  )
}

/** Whoever works on it or was called to it. */
async function peopleOf(
  { tx, orgId }: OrgTx,
  incident: { id: string; assignee_id: string | null; reporter_id: string | null },
): Promise<string[]> {
  const roles = await tx
    .selectFrom('incident_roles')
    .select('person_id')
    .where('org_id', '=', orgId)
    .where('incident_id', '=', incident.id)
    .execute()
  const invited = await tx
    .selectFrom('incident_people')
    .select('person_id')
    .where('org_id', '=', orgId)
    .where('incident_id', '=', incident.id)
    .where('relation', 'in', ['paged', 'invited'])
    .limit(mostPeople)
    .execute()
  const all = [
    incident.assignee_id,
    incident.reporter_id,
    ...[...roles, ...invited].map((row) => row.person_id),
  ]
  return [...new Set(all)].filter((id) => id !== null)
}

const mostPeople = 10

/** Everybody's own conversation in the chat where they were seen last. */
async function directPlaces({ tx, orgId }: OrgTx, personIds: string[]): Promise<Place[]> {
  if (!personIds.length) return []
  const rows = await tx
    .selectFrom('identities')
    .innerJoin('people', (join) =>
      join.onRef('people.org_id', '=', 'identities.org_id').onRef('people.id', '=', 'identities.person_id'),
    )
    .innerJoin('workspaces', (join) =>
      join
        .onRef('workspaces.org_id', '=', 'identities.org_id')
        .onRef('workspaces.id', '=', 'identities.workspace_id'),
    )
    .select(['identities.workspace_id', 'identities.external_id'])
    .distinctOn('identities.person_id')
    .where('identities.org_id', '=', orgId)
    .where('identities.person_id', 'in', personIds)
    .where('identities.kind', '=', 'member')
    .where('people.active', '=', true)
    .where('workspaces.platform', 'in', platforms)
    .orderBy('identities.person_id')
    .orderBy('identities.checked_at', 'desc')
    .limit(mostPeople)
    .execute()
  return rows.map((row) => ({
    workspaceId: row.workspace_id,
    route: { type: 'person', user: row.external_id },
  }))
}
