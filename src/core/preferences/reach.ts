import type { OrgTx } from '../../db/pool.ts'
import type { CarrierName, Route } from '../../ports/platform.ts'
import { destinationOf } from '../outbox.ts'
import { destinationFor } from './destination.ts'
import { loadOrganisation, loadRecipients, type Organisation, type Recipient } from './load.ts'
import { defaults, quietHoursOf, remaining, type Urgency, type Way, waysFor } from './preference.ts'
import { afterQuietHours, zoneOf } from './quiet.ts'

export type { Urgency } from './preference.ts'

/** One way to a person: by which carrier, where, and how long after the others. */
export type Reach = {
  personId: string
  carrier: CarrierName
  workspaceId: string
  route: Route
  /** Business time; what quiet hours add is in it. */
  afterSeconds: number
}

export type ReachOptions = { always?: boolean; chatOnly?: boolean; personal?: boolean }

/**
 * The ways in which people want to be told, earliest first: their own preferences, else the organisation's, else the
 * defaults. A way that does not exist (no telephone number, no mail server) is left out; all others are then taken
 * sooner by as much as the first of them would have waited longer than the first of the list. Two ways to one
 * destination are one, the earlier. Where nothing is left, the defaults take the list's place, so that no preference
 * makes anybody unreachable. Two queries, however many people.
 *
 * In the person's quiet hours, by their own time zone, else UTC, everything is put off until these are over.
 * @param options.always quiet hours do not count: a page about a P1.
 * @param options.chatOnly what only a chat can show, whatever they prefer.
 * @param options.personal what not everybody may read: a webhook is no way to a person then, since it is not theirs.
 * @returns no entry for whoever is deactivated, unknown, or without any way.
 */
export async function reachesOf(
  { tx, orgId, now }: OrgTx,
  personIds: string[],
  urgency: Urgency,
  options: ReachOptions = {},
): Promise<Map<string, Reach[]>> {
  if (!personIds.length) return new Map()
  const organisation = await loadOrganisation(tx, orgId)
  const people = await loadRecipients(tx, orgId, personIds)
  const found = new Map<string, Reach[]>()
  for (const person of people) {
    const reaches = reachesOfOne(person, organisation, urgency, now, options)
    if (reaches.length) found.set(person.id, reaches)
  }
  return found
}

/** The same of one person who is loaded already. */
export function reachesOfOne(
  person: Recipient,
  organisation: Organisation,
  urgency: Urgency,
  now: Date,
  { always, chatOnly, personal }: ReachOptions = {},
): Reach[] {
  const ways = chatOnly ? inChat : waysFor(urgency, person.own, organisation.preferences)
  const wanted = existing(ways, person, personal ? { ...organisation, webhooks: {} } : organisation)
  const reaches = wanted.length
    ? wanted
    : existing(chatOnly ? inChat : defaults[urgency], person, organisation)
  const quiet = always ? undefined : quietHoursOf(person.own, organisation.preferences)
  return quiet ? afterQuietHours(reaches, quiet, zoneOf(person.timeZone), now) : reaches
}

const inChat: Way[] = [{ route: 'chat', afterSeconds: 0 }]

function existing(ways: Way[], person: Recipient, organisation: Organisation): Reach[] {
  const there = ways.flatMap(({ route, afterSeconds }) => {
    const destination = destinationFor(route, person, organisation)
    return 'lacking' in destination ? [] : [{ personId: person.id, ...destination, afterSeconds }]
  })
  return oneEach(remaining(ways, there))
}

const oneEach = (reaches: Reach[]): Reach[] => {
  const seen = new Set<string>()
  return reaches.filter(({ workspaceId, route }) => {
    const destination = `${workspaceId} ${destinationOf(route)}`
    return !seen.has(destination) && seen.add(destination)
  })
}
