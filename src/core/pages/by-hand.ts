import { sql } from 'kysely'
import type { OrgTx, Tx } from '../../db/pool.ts'
import { uuid } from '../../db/uuid.ts'
import type { PersonRef } from '../actor.ts'
import type { Incident } from '../incidents.ts'
import { enqueue, type NewDelivery, urgency } from '../outbox.ts'
import { loadOrganisation, loadRecipients } from '../preferences/load.ts'
import { quietHoursOf } from '../preferences/preference.ts'
import { quietUntil, zoneOf } from '../preferences/quiet.ts'
import { type Reach, reachesOfOne } from '../preferences/reach.ts'

/** A sender may page so often in so long: whoever needs more declares an incident, whose policy pages. */
export const pagesPerSender = { most: 10, seconds: 600 }

/**
 * When the sender may page again; undefined while they may. Their row is locked, so that two pages at once are
 * counted one after the other. Business time.
 */
export async function pageAgainAt({ tx, orgId, now }: OrgTx, senderId: string): Promise<Date | undefined> {
  await sql`select from people where org_id = ${orgId} and id = ${senderId} for no key update`.execute(tx)
  const { most, seconds } = pagesPerSender
  const { rows } = await sql<{ again: Date }>`
    select created_at + make_interval(secs => ${seconds}) as again from pages
    where org_id = ${orgId} and sender_id = ${senderId}
    order by created_at desc offset ${most - 1} limit 1`.execute(tx)
  const again = rows[0]?.again
  return again && again > now ? again : undefined
}

export type PageRequest = {
  sender: PersonRef
  people: string[]
  /** The team that they are paged as. */
  team?: string
  text?: string
  incident?: Incident
}

export type Paged = {
  /** Undefined when nobody could be reached: then nothing was written. */
  pageId?: string
  reached: {
    person: PersonRef
    reaches: Reach[]
    /** Their quiet hours hold it back until then, by their own clock. */
    quiet?: { until: Date; zone: string }
  }[]
  unreached: PersonRef[]
}

/** Pages people by hand, each by their own urgent ways; about an incident, they belong to it from then on. */
export async function pageByHand(scope: OrgTx, request: PageRequest): Promise<Paged> {
  const { tx, orgId, now } = scope
  const { sender, incident, text } = request
  const organisation = await loadOrganisation(tx, orgId)
  const recipients = await loadRecipients(tx, orgId, request.people)
  const always = incident?.priority === 'P1'
  const found = recipients
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .map((recipient) => {
      const quiet = always ? undefined : quietHoursOf(recipient.own, organisation.preferences)
      const zone = zoneOf(recipient.timeZone)
      const until = quiet && quietUntil(quiet, zone, now.getTime())
      return {
        person: { id: recipient.id, name: recipient.name },
        reaches: reachesOfOne(recipient, organisation, 'high', now, { always, personal: incident?.private }),
        ...(until !== undefined && { quiet: { until: new Date(until), zone } }),
      }
    })
  const reached = found.filter(({ reaches }) => reaches.length)
  const unreached = found.filter(({ reaches }) => !reaches.length).map(({ person }) => person)
  if (!reached.length) return { reached, unreached }
  const pageId = uuid()
  await tx
    .insertInto('pages')
    .values({
      org_id: orgId,
      id: pageId,
      incident_id: incident?.id ?? null,
      escalation_id: null,
      round: null,
      step: null,
      sender_id: sender.id,
      body: text ?? null,
      closed_at: null,
      closed_by: null,
      closed_as: null,
    })
    .execute()
  if (incident) await letIn(tx, incident, reached, now)
  await enqueue(
    tx,
    orgId,
    reached.flatMap(({ person, reaches }) =>
      reaches.map((reach) => ({
        ...deliveryOf(request, pageId, reach),
        ...(reach.carrier === 'webhook' && { notification: eventOf(request, person, now) }),
      })),
    ),
  )
  return { pageId, reached, unreached }
}

function deliveryOf(request: PageRequest, pageId: string, reach: Reach): NewDelivery {
  const { sender, team, text, incident } = request
  return {
    workspaceId: reach.workspaceId,
    route: reach.route,
    notification: {
      type: 'page',
      page: {
        why: team
          ? `${sender.name} pages ${team}, which you belong to.`
          : incident
            ? `${sender.name} pages you by hand.`
            : '',
        by: sender.name,
        ...(text && { text }),
        ...(incident && {
          incident: {
            id: incident.id,
            key: incident.key,
            title: incident.title,
            priority: incident.priority,
            version: incident.version,
          },
        }),
      },
    },
    urgency: urgency.page,
    pageId,
    personId: reach.personId,
    incidentId: incident?.id,
    laterSeconds: reach.afterSeconds,
  }
}

/** A program acknowledges for nobody: it is given the facts, and no link. */
const eventOf = ({ sender, text, incident }: PageRequest, person: PersonRef, at: Date) => ({
  type: 'event' as const,
  name: incident ? 'incident.page' : 'page',
  at: at.toISOString(),
  data: {
    ...(incident && { key: incident.key, title: incident.title, priority: incident.priority }),
    people: [person.name],
    by: sender.name,
    text: text ?? null,
  },
})

/** Whoever was paged may acknowledge the incident, and knows of it though it may be private. */
const letIn = (tx: Tx, incident: Incident, reached: Paged['reached'], now: Date) =>
  tx
    .insertInto('incident_people')
    .values(
      reached.map(({ person }) => ({
        org_id: incident.org_id,
        incident_id: incident.id,
        person_id: person.id,
        relation: 'paged' as const,
        at: now,
      })),
    )
    .onConflict((oc) => oc.doNothing())
    .execute()
