import { sql } from 'kysely'
import type { OrgTx } from '../../db/pool.ts'
import { uuid } from '../../db/uuid.ts'
import type { PersonRef } from '../actor.ts'
import { enqueue, type NewDelivery, type PageFacts } from '../outbox.ts'
import { peopleOfMany, type Reached } from '../policies/people-of.ts'
import type { Policy, Target } from '../policies/policy.ts'
import { type Reach, reachesOf } from '../preferences/reach.ts'
import type { Escalating } from './escalation.ts'
import { advanced, nextOf, type Progress } from './progress.ts'
import { namesOf, whyOf } from './why.ts'

/** One step that is taken now. */
export type StepWork = {
  escalationId: string
  incident: Escalating & { version: number }
  policy: Policy
  progress: Progress
  /** What a channel is told, where that is not the step alone. */
  why?: string
  /** By hand: who escalated, and why. */
  by?: { name: string; reason?: string }
}

/** Whom a step told. `unreachable` people are meant and have no way; `channels` and webhooks count as reached. */
export type Paged = { work: StepWork; people: PersonRef[]; unreachable: PersonRef[]; channels: number }

export const hasReached = ({ people, channels }: Paged): boolean => people.length + channels > 0

/**
 * Writes the pages of many steps: a row a page, a delivery for each way to each person, one message a channel that
 * calls them all, and the relation that lets the paged acknowledge. A number of queries that does not grow with the
 * steps, as long as they follow few policies.
 */
export async function pageSteps(scope: OrgTx, works: StepWork[]): Promise<Paged[]> {
  if (!works.length) return []
  const { tx, orgId, now } = scope
  const people = await peopleOfAll(scope, works)
  const reaches = await reachesOfAll(scope, works, people)
  const before = await unansweredBefore(scope, works)
  const allTargets = works.flatMap((work) => targetsOf(work))
  const names = await namesOf(
    tx,
    orgId,
    allTargets,
    works.flatMap(({ incident }) => incident.team_id ?? []),
  )
  const places = await placesOf(scope, allTargets)
  const deliveries: NewDelivery[] = []
  const paged = works.map((work) => {
    const pageId = uuid()
    const reached = people.of(work, targetsOf(work))
    const facts = factsOf(work, before.get(work.escalationId) ?? [], nextNames(work, people))
    const why = (target: Target) => whyOf(target, names, work.incident.team_id, work.policy.name)
    const told = toPeople(work, reached, reaches.of(work), (target) => ({ ...facts, why: why(target) }), now)
    const shared = toPlaces(work, places, facts, told.people, now)
    for (const delivery of [...told.deliveries, ...shared]) {
      deliveries.push({ ...delivery, pageId, incidentId: work.incident.id })
    }
    const { people: reachedPeople, unreachable } = told
    return { pageId, result: { work, people: reachedPeople, unreachable, channels: shared.length } }
  })
  await tx
    .insertInto('pages')
    .values(
      paged.map(({ pageId, result: { work } }) => ({
        org_id: orgId,
        id: pageId,
        incident_id: work.incident.id,
        escalation_id: work.escalationId,
        round: work.progress.round,
        step: work.progress.step,
        created_at: now,
      })),
    )
    .execute()
  await enqueue(tx, orgId, deliveries)
  await letIn(
    scope,
    paged.flatMap(({ result }) =>
      result.people.map(({ id }) => ({ incident: result.work.incident.id, person: id })),
    ),
  )
  return paged.map(({ result }) => result)
}

const stepOf = ({ policy, progress }: StepWork) => policy.steps[progress.step]!

/** A private incident is told to people alone. */
const targetsOf = (work: StepWork): Target[] =>
  stepOf(work).notify.filter(
    ({ type }) => !work.incident.private || (type !== 'channel' && type !== 'webhook'),
  )

function nextTargets({ policy, progress }: StepWork): { at: Date; targets: Target[] } | undefined {
  const next = advanced(policy, progress)
  const index = nextOf(policy, next)
  if (index !== 'end') return { at: next.dueAt, targets: policy.steps[index]!.notify }
  return policy.nobody && { at: next.dueAt, targets: [policy.nobody] }
}

type PeopleOfAll = { of(work: StepWork, targets: Target[]): Reached[] }

/** The people of these steps and of those that follow them: asked once for what many have in common. */
async function peopleOfAll({ tx, orgId, now }: OrgTx, works: StepWork[]): Promise<PeopleOfAll> {
  const byTeam = new Map<string | null, Map<string, Target>>()
  for (const work of works) {
    const wanted = byTeam.get(work.incident.team_id) ?? new Map<string, Target>()
    byTeam.set(work.incident.team_id, wanted)
    for (const target of [...targetsOf(work), ...(nextTargets(work)?.targets ?? [])]) {
      wanted.set(JSON.stringify(target), target)
    }
  }
  const asked = [...byTeam].map(([teamId, wanted]) => ({ teamId, targets: [...wanted.values()] }))
  const found = new Map<string, Reached>()
  for (const [index, reached] of (await peopleOfMany(tx, orgId, asked, now)).entries()) {
    for (const each of reached) found.set(`${asked[index]!.teamId} ${JSON.stringify(each.target)}`, each)
  }
  return {
    of: ({ incident }, targets) =>
      targets.map((target) => found.get(`${incident.team_id} ${JSON.stringify(target)}`)!),
  }
}

const nextNames = (work: StepWork, people: PeopleOfAll): PageFacts['next'] => {
  const next = nextTargets(work)
  if (!next) return undefined
  const named = people.of(work, next.targets).flatMap((each) => each.people.map(({ name }) => name))
  const shared = !work.incident.private && next.targets.some(({ type }) => type === 'channel')
  const names = named.length || !shared ? named : ['a channel']
  return { names: [...new Set(names)], at: next.at.toISOString() }
}

const urgencyOf = ({ incident }: Pick<StepWork, 'incident'>) => (incident.priority <= 'P2' ? 'high' : 'low')

/** The ways to everybody, for pages of high and of low urgency; about a P1 quiet hours do not count. */
async function reachesOfAll(scope: OrgTx, works: StepWork[], people: PeopleOfAll) {
  const kindOf = ({ incident }: StepWork) =>
    `${urgencyOf({ incident })} ${incident.priority === 'P1'} ${incident.private}`
  const found = new Map<string, Map<string, Reach[]>>()
  for (const [kind, group] of Map.groupBy(works, kindOf)) {
    const ids = group.flatMap((work) =>
      people.of(work, targetsOf(work)).flatMap((each) => each.people.map(({ id }) => id)),
    )
    const { incident } = group[0]!
    const options = { always: incident.priority === 'P1', personal: incident.private }
    found.set(kind, await reachesOf(scope, [...new Set(ids)], urgencyOf(group[0]!), options))
  }
  return { of: (work: StepWork) => found.get(kindOf(work))! }
}

/** Whom the page before called in vain, by escalation. */
async function unansweredBefore({ tx, orgId }: OrgTx, works: StepWork[]): Promise<Map<string, string[]>> {
  const later = works.filter(({ progress }) => progress.step > 0)
  if (!later.length) return new Map()
  const { rows } = await sql<{ id: string; names: string[] }>`
    select g.escalation_id as id, array_agg(distinct p.name order by p.name) as names
    from unnest(${later.map((work) => work.escalationId)}::uuid[], ${later.map(({ progress }) => progress.round)}::int[],
      ${later.map(({ progress }) => progress.step - 1)}::int[]) as w (escalation_id, round, step)
    join pages g on g.org_id = ${orgId} and g.escalation_id = w.escalation_id and g.round = w.round and g.step = w.step
    join deliveries d on d.org_id = g.org_id and d.page_id = g.id and d.person_id is not null
    join people p on p.org_id = d.org_id and p.id = d.person_id
    group by 1`.execute(tx)
  return new Map(rows.map((row) => [row.id, row.names]))
}

function factsOf(work: StepWork, before: string[], next: PageFacts['next']): Omit<PageFacts, 'why'> {
  const { incident, policy, progress, by } = work
  const { id, key, title, priority, version } = incident
  return {
    incident: { id, key, title, priority, version },
    step: { number: progress.step + 1, of: policy.steps.length, round: progress.round },
    ...(before.length && !by && { before: { names: before, seconds: stepOf(work).afterSeconds } }),
    ...(next && { next }),
    ...(by && (by.reason ? { by: by.name, text: by.reason } : { text: `${by.name} escalated it by hand.` })),
  }
}

type Unplaced = Omit<NewDelivery, 'pageId' | 'incidentId'>

/** Everybody once, for the first reason that they are paged, and by each way once. */
function toPeople(
  work: StepWork,
  reached: Reached[],
  reaches: Map<string, Reach[]>,
  facts: (target: Target) => PageFacts,
  now: Date,
) {
  const people = new Map<string, PersonRef>()
  const unreachable = new Map<string, PersonRef>()
  const deliveries: Unplaced[] = []
  for (const { target, people: meant } of reached) {
    const page = facts(target)
    for (const person of meant) {
      if (people.has(person.id) || unreachable.has(person.id)) continue
      const ways = reaches.get(person.id) ?? []
      ;(ways.length ? people : unreachable).set(person.id, person)
      for (const { workspaceId, route, afterSeconds, carrier } of ways) {
        deliveries.push({
          workspaceId,
          route,
          notification: carrier === 'webhook' ? pageEvent(work, page, [person], now) : { type: 'page', page },
          urgency: 0,
          laterSeconds: afterSeconds,
          personId: person.id,
        })
      }
    }
  }
  return { people: [...people.values()], unreachable: [...unreachable.values()], deliveries }
}

type Places = { channel(platform: string): string | undefined; webhook: string | undefined }

/** The workspace that a channel or a webhook is in: the oldest of its platform. */
async function placesOf({ tx, orgId }: OrgTx, targets: Target[]): Promise<Places> {
  if (!targets.some(({ type }) => type === 'channel' || type === 'webhook')) {
    return { channel: () => undefined, webhook: undefined }
  }
  const rows = await tx
    .selectFrom('workspaces')
    .select(['id', 'platform'])
    .where('org_id', '=', orgId)
    .orderBy('created_at', 'desc')
    .execute()
  const ids = new Map<string, string>(rows.map(({ platform, id }) => [platform, id]))
  return { channel: (platform) => ids.get(platform), webhook: ids.get('webhook') }
}

/** One message a channel with all mentions; a webhook gets the same as data. */
function toPlaces(
  work: StepWork,
  places: Places,
  facts: Omit<PageFacts, 'why'>,
  people: PersonRef[],
  now: Date,
): Unplaced[] {
  const page: PageFacts = { ...facts, why: work.why ?? '', people }
  return targetsOf(work).flatMap((target): Unplaced[] => {
    if (target.type === 'channel') {
      const workspaceId = places.channel(target.platform)
      if (!workspaceId) return []
      const route = { type: 'channel', channel: target.channel } as const
      return [{ workspaceId, route, notification: { type: 'page', page }, urgency: 0 }]
    }
    if (target.type !== 'webhook' || !places.webhook) return []
    const route = { type: 'channel', channel: target.webhookId } as const
    return [
      { workspaceId: places.webhook, route, notification: pageEvent(work, page, people, now), urgency: 0 },
    ]
  })
}

const pageEvent = (work: StepWork, page: PageFacts, people: PersonRef[], at: Date) => ({
  type: 'event' as const,
  name: 'incident.page',
  at: at.toISOString(),
  data: {
    key: work.incident.key,
    title: work.incident.title,
    priority: work.incident.priority,
    step: page.step,
    people: people.map(({ name }) => name),
  },
})

/** Whoever was paged may acknowledge, and may know of a private incident. */
async function letIn({ tx, orgId, now }: OrgTx, rows: { incident: string; person: string }[]): Promise<void> {
  if (!rows.length) return
  await sql`insert into incident_people (org_id, incident_id, person_id, relation, at)
    select ${orgId}::uuid, incident, person, 'paged', ${now}
    from unnest(${rows.map(({ incident }) => incident)}::uuid[], ${rows.map(({ person }) => person)}::uuid[])
      as w (incident, person)
    on conflict do nothing`.execute(tx)
}
