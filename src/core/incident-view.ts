import { sql } from 'kysely'
import type { Tx } from '../db/pool.ts'
import type { PersonRef } from './actor.ts'
import type { Incident } from './incidents.ts'
import { onIncident, plain } from './labels.ts'
import type { IncidentLine, IncidentView, Part } from './outcome.ts'
import { loadTimeline } from './timeline.ts'

type Shown = Pick<
  Incident,
  | 'org_id'
  | 'id'
  | 'key'
  | 'title'
  | 'description'
  | 'status'
  | 'priority'
  | 'private'
  | 'version'
  | 'reporter_id'
  | 'assignee_id'
  | 'team_id'
  | 'department'
  | 'category'
  | 'business_impact'
  | 'customers_affected'
  | 'merged_into'
  | 'acknowledged_by'
  | 'acknowledged_at'
  | 'created_at'
>

type Joined = {
  team: string | null
  /** `given`: the configuration file named them; otherwise a name is its bearer's own choice. */
  people: { relation: string; id: string; name: string; given: boolean }[]
  services: { name: string; critical: boolean; team: string | null }[]
  customers: string[]
  direct: string
  penalty: string
  currency: string
  merged_into: string | null
  channel: { name: string; reason: string | null } | null
}

/** Everything an incident shows, in one query; the parts carry the labels that say who may read which. */
export async function loadIncidentParts(tx: Tx, incident: Shown): Promise<Part[]> {
  const joined = await loadJoined(tx, incident)
  const [last] = await loadTimeline(tx, incident, { most: 1, plain: true })
  const person = (relation: string): PersonRef | undefined => {
    const found = joined.people.find((row) => row.relation === relation)
    return found && { id: found.id, name: found.name }
  }
  const acknowledgedBy = person('acknowledged')
  const view: IncidentView = {
    ...lineOf({ ...incident, team: joined.team, assignee: person('assignee')?.name ?? null }),
    id: incident.id,
    version: incident.version,
    private: incident.private,
    description: incident.description ?? undefined,
    reporter: person('reporter'),
    assigneePerson: person('assignee'),
    roles: joined.people
      .filter((row) => ['commander', 'communications', 'scribe'].includes(row.relation))
      .map((row) => ({ role: row.relation, person: { id: row.id, name: row.name } })),
    department: incident.department ?? undefined,
    category: incident.category ?? undefined,
    services: joined.services.map((service) => service.name),
    acknowledged:
      acknowledgedBy && incident.acknowledged_at
        ? { by: acknowledgedBy.name, at: incident.acknowledged_at.toISOString() }
        : undefined,
    mergedInto: joined.merged_into ?? undefined,
    channel: channelOf(joined.channel),
    last: last?.kind === 'entry' ? last.entry : undefined,
  }
  const parts: Part[] = [
    {
      kind: 'incident',
      label: plain,
      authors: [
        incident.reporter_id ?? 'unknown',
        ...joined.people.filter(({ given }) => !given).map(({ id }) => id),
        ...(last?.authors ?? []),
      ],
      incident: view,
    },
  ]
  if (incident.business_impact) {
    parts.push({
      kind: 'business_impact',
      label: ['view_business_impact'],
      authors: ['unknown'],
      text: incident.business_impact,
    })
  }
  if (joined.services.length) {
    const services = joined.services.map(({ name, critical, team }) => ({
      name,
      critical,
      team: team ?? undefined,
    }))
    parts.push({ kind: 'technical', label: ['view_technical_details'], services })
  }
  if (incident.customers_affected !== null) {
    parts.push({
      kind: 'customers_affected',
      label: ['view_customer_impact'],
      count: incident.customers_affected,
    })
  }
  if (joined.customers.length) {
    parts.push({ kind: 'customers', label: ['list_customers'], names: joined.customers })
  }
  if (Number(joined.direct) > 0 || Number(joined.penalty) > 0) {
    const { currency, direct, penalty } = joined
    parts.push({ kind: 'costs', label: ['view_cost_impact'], currency, direct, penalty })
  }
  return parts.map((part) => ({ ...part, label: onIncident(incident, part.label) }))
}

async function loadJoined(tx: Tx, incident: Shown): Promise<Joined> {
  const { rows } = await sql<Joined>`
    select t.name as team, o.currency,
      (select key from incidents m where m.org_id = o.org_id and m.id = ${incident.merged_into}) as merged_into,
      coalesce((select json_agg(json_build_object('relation', r.relation, 'id', p.id, 'name', p.name,
          'given', 'name' = any(p.file_fields)) order by r.relation)
        from (values ('reporter', ${incident.reporter_id}::uuid), ('assignee', ${incident.assignee_id}::uuid),
          ('acknowledged', ${incident.acknowledged_by}::uuid)
          union all select role, person_id from incident_roles
            where org_id = o.org_id and incident_id = ${incident.id}) r (relation, person_id)
        join people p on p.org_id = o.org_id and p.id = r.person_id), '[]') as people,
      coalesce((select json_agg(json_build_object('name', s.name, 'critical', s.critical, 'team', st.name) order by s.name)
        from incident_services i join services s on s.org_id = i.org_id and s.id = i.service_id
        left join teams st on st.org_id = s.org_id and st.id = s.team_id
        where i.org_id = o.org_id and i.incident_id = ${incident.id}), '[]') as services,
      array(select c.name from incident_customers i join customers c on c.org_id = i.org_id and c.id = i.customer_id
        where i.org_id = o.org_id and i.incident_id = ${incident.id} order by c.name) as customers,
      (select json_build_object('name', name, 'reason', reason) from incident_channels n
        where n.org_id = o.org_id and n.incident_id = ${incident.id} and n.state <> 'opening'
        limit 1) as channel,
      c.direct, c.penalty
    from organizations o
    left join teams t on t.org_id = o.org_id and t.id = ${incident.team_id}
    cross join lateral (select
        coalesce(sum(amount) filter (where kind = 'direct'), 0)::text as direct,
        coalesce(sum(amount) filter (where kind = 'penalty'), 0)::text as penalty
      from spendings where org_id = o.org_id and incident_id = ${incident.id}) c
    where o.org_id = ${incident.org_id}`.execute(tx)
  return rows[0]!
}

const channelOf = (channel: Joined['channel']): IncidentView['channel'] => {
  if (!channel) return undefined
  return channel.reason ? { missing: channel.reason } : { name: `#${channel.name}` }
}

export const lineOf = (row: {
  key: string
  title: string
  status: IncidentLine['status']
  priority: IncidentLine['priority']
  team: string | null
  assignee: string | null
  created_at: Date
}): IncidentLine => ({
  key: row.key,
  title: row.title,
  status: row.status,
  priority: row.priority,
  team: row.team ?? undefined,
  assignee: row.assignee ?? undefined,
  openedAt: row.created_at.toISOString(),
})
